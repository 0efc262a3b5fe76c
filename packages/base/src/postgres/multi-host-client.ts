import pg from "pg";
import type { HostsInTurn } from "./hosts-in-turn.ts";
import { NoPrimaryError } from "./no-primary-error.ts";
import { isReadOnly } from "./pg-errors.ts";
import { TAKES_WRITES } from "./takes-writes.sql.ts";

/** A pg client that connects to one server of a list: the server whose turn it is when the client is made. */
export class MultiHostClient extends pg.Client {
  readonly #turn: HostsInTurn;
  readonly #index: number;
  #metReadOnly = false;

  constructor(config: pg.ClientConfig, turn: HostsInTurn) {
    const index = turn.next;
    super({ ...config, connectionString: turn.hosts.urls[index] });
    this.#turn = turn;
    this.#index = index;
    this.connection.on("errorMessage", (error) => {
      this.#metReadOnly ||= isReadOnly(error);
    });
  }

  /** Whether the server refused a statement because it takes no writes: it is no primary any more. */
  get metReadOnly(): boolean {
    return this.#metReadOnly;
  }

  /**
   * Connects, and asks the server whether it takes writes, if only such a server will do. Fails with the driver's error
   * or with `NoPrimaryError`.
   */
  override connect(): Promise<pg.Client>;
  override connect(callback: ((error: Error) => void) | ((error: null, client: pg.Client) => void)): void;
  override connect(
    callback?: ((error: Error) => void) | ((error: null, client: pg.Client) => void),
  ): Promise<pg.Client> | undefined {
    const connecting = this.#connect();
    if (callback === undefined) return connecting;
    // The boundary: the driver's types know a callback for the error and one for the client. The driver calls one.
    const tell = callback as (error: Error | null, client?: pg.Client) => void;
    connecting.then(
      () => tell(null, this),
      (error: Error) => tell(error),
    );
    return undefined;
  }

  async #connect(): Promise<pg.Client> {
    // A loss fails the statement under way. Without a listener, the loss would also end the process.
    const ignore = () => undefined;
    this.on("error", ignore);
    try {
      await super.connect();
      if (this.#turn.hosts.writable) await this.#checkRole();
    } catch (error) {
      this.#turn.failed({ index: this.#index, server: this.#server, error });
      void this.end();
      throw error;
    }
    this.off("error", ignore);
    return this;
  }

  async #checkRole(): Promise<void> {
    const { rows } = await this.query<{ takesWrites: boolean }>(TAKES_WRITES);
    if (rows[0]?.takesWrites === true) return;
    throw new NoPrimaryError([{ server: this.#server, reason: "it is a standby, or read-only" }]);
  }

  get #server(): string {
    return `${this.host}:${this.port}`;
  }
}
