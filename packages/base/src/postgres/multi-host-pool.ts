import pg from "pg";
import { type FailedAttempt, type HostsInTurn, whenAllFailed } from "./hosts-in-turn.ts";
import { MultiHostClient } from "./multi-host-client.ts";

type ConnectCallback = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: unknown) => void,
) => void;

/** A pg pool whose connections go to the one server of a list that will do. */
export class MultiHostPool extends pg.Pool {
  readonly #turn: HostsInTurn;

  constructor(config: pg.PoolConfig, turn: HostsInTurn) {
    super({
      ...config,
      Client: class extends MultiHostClient {
        constructor(clientConfig: pg.ClientConfig = {}) {
          super(clientConfig, turn);
        }
      },
    });
    this.#turn = turn;
    this.on("release", (_error, client) => {
      // The pool closes a client that is ending, and lends no client of a server that was demoted a second time.
      if (client instanceof MultiHostClient && client.metReadOnly) void client.end();
    });
  }

  /**
   * Lends a connection. When the server of the last connection is away, or takes no writes any more, tries the others,
   * each for at most `connectionTimeoutMillis`. Fails with `NoPrimaryError` when none will do, and at once with an
   * error that the other servers would report, too, such as a wrong password.
   */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.#connect((error, client) => (client === undefined ? reject(error) : resolve(client)), []);
      });
    }
    this.#connect(callback, []);
    return undefined;
  }

  #connect(callback: ConnectCallback, earlier: readonly FailedAttempt[]): void {
    super.connect((error, client, done) => {
      const failed = this.#turn.attemptOf(error);
      if (failed === undefined) return callback(error, client, done);
      const attempts = [...earlier, failed];
      const noPrimary = whenAllFailed(attempts, this.#turn.hosts);
      if (noPrimary === null) this.#connect(callback, attempts);
      else callback(noPrimary, undefined, done);
    });
  }
}
