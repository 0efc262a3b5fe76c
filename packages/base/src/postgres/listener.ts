import { type Beat, startBeat } from "../loop/beat.ts";
import type { Clock } from "../loop/clock.ts";
import { ignoreIdleCuts, type TellsOfIdleCuts } from "./ignore-idle-cuts.ts";
import { PROBE } from "./probe.sql.ts";

/** The part of a pg client that a listener uses. */
export interface ListenClient {
  query(text: string): Promise<unknown>;
  on(event: "notification", listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
  /** Gives the client back to the pool. With true, closes the client's connection instead. */
  release(destroy?: boolean): void;
}

/** The part of a pg pool that a listener uses. */
export interface ListenPool extends TellsOfIdleCuts {
  connect(callback: (error: Error | undefined, client: ListenClient | undefined) => void): void;
}

/** The options of `startListener`. */
export interface ListenerOptions {
  pool: ListenPool;
  clock: Clock;
  /** The channel to listen on. */
  channel: string;
  /** Called with the text of each notice. Called without a text after each connect, because notices may be missed. */
  onNotice(text?: string): void;
  onError(error: unknown): void;
}

/**
 * How long to wait for the pool to lend a connection, in ms, before asking the pool again. Without the limit, a new
 * connection that stays silent would block the listener for ever.
 */
const CONNECT_TIMEOUT_MS = 30_000;

/** The time between two probes of the connection, in ms. */
const PROBE_MS = 10_000;

/** A connection that does not answer a probe within this many ms is replaced. */
const PROBE_TIMEOUT_MS = 5_000;

/** How long to wait after a failed connect or probe, in ms. */
const RECONNECT_MS = 1_000;

/** Listens to a channel on a connection of its own. Replaces the connection when it is lost or no longer answers. */
export function startListener(options: ListenerOptions): Beat {
  const listening = new Listening(options, () => beat.wake());
  const beat = startBeat({ clock: options.clock, firstMs: 0, work: () => listening.lookAfter() });
  return {
    wake: beat.wake,
    stop() {
      listening.end();
      return beat.stop();
    },
  };
}

class Listening {
  readonly #options: ListenerOptions;
  /** Called when the connection is lost. Starts a new connect. */
  readonly #onLost: () => void;
  #client: ListenClient | null = null;
  #ended = false;
  #giveUpConnecting = () => {};

  constructor(options: ListenerOptions, onLost: () => void) {
    this.#options = options;
    this.#onLost = onLost;
    ignoreIdleCuts(options.pool);
  }

  /** Connects if there is no connection. Otherwise probes the connection. Resolves with the ms until the next call. */
  async lookAfter(): Promise<number> {
    const asked = this.#client;
    try {
      if (asked === null) await this.#connect();
      else await this.#answered(asked, PROBE);
      return PROBE_MS;
    } catch (error) {
      if (this.#client !== null) this.#drop(this.#client, error);
      else if (!this.#ended) this.#options.onError(error);
      return RECONNECT_MS;
    }
  }

  /** Closes the connection. A client that listens must not go back to the pool: it would keep listening. */
  end(): void {
    this.#ended = true;
    this.#giveUpConnecting();
    const last = this.#client;
    this.#client = null;
    // A probe under way fails, and is ignored.
    last?.release(true);
  }

  #drop(lost: ListenClient, error: unknown): void {
    if (this.#client !== lost) return;
    this.#client = null;
    lost.release(true);
    if (this.#ended) return;
    this.#options.onError(error);
    this.#onLost();
  }

  async #connect(): Promise<void> {
    const { channel, onNotice } = this.#options;
    await this.#answered(await this.#lent(), `LISTEN ${channel}`);
    // Notices that were sent while nobody listened were missed.
    onNotice();
  }

  #lent(): Promise<ListenClient> {
    const { pool, clock } = this.#options;
    return new Promise((resolve, reject) => {
      let tooLate = false;
      let stopTimer = () => {};
      this.#giveUpConnecting = () => {
        tooLate = true;
        stopTimer();
        reject(new Error(`The pool gave no connection to listen on within ${CONNECT_TIMEOUT_MS} ms`));
      };
      stopTimer = clock.after(CONNECT_TIMEOUT_MS, this.#giveUpConnecting);
      // A callback and not a promise: an error may follow in the same packet, and must find a listener.
      pool.connect((error, connected) => {
        stopTimer();
        if (tooLate) return connected?.release();
        if (connected === undefined) return reject(error);
        this.#attend(connected);
        resolve(connected);
      });
    });
  }

  #attend(client: ListenClient): void {
    this.#client = client;
    client.on("error", (lost) => this.#drop(client, lost));
    client.on("end", () => this.#drop(client, new Error("The listening connection was closed")));
    client.on("notification", (message) => this.#options.onNotice(message.payload));
  }

  async #answered(asked: ListenClient, statement: string): Promise<void> {
    const { clock } = this.#options;
    let stopTimer = () => {};
    const tooLate = new Promise<never>((_resolve, reject) => {
      stopTimer = clock.after(PROBE_TIMEOUT_MS, () =>
        reject(new Error(`The listening connection did not answer within ${PROBE_TIMEOUT_MS} ms`)),
      );
    });
    try {
      await Promise.race([asked.query(statement), tooLate]);
    } finally {
      stopTimer();
    }
  }
}
