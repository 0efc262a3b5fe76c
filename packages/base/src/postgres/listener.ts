import { type Beat, startBeat } from "../loop/beat.ts";
import type { Clock } from "../loop/clock.ts";
import { ignoreIdleCuts, type TellsOfIdleCuts } from "./ignore-idle-cuts.ts";
import { PROBE } from "./probe.sql.ts";

/** What listening needs of a pg client. */
export interface ListenClient {
  query(text: string): Promise<unknown>;
  on(event: "notification", listener: (message: { payload?: string | undefined }) => void): unknown;
  on(event: "error" | "end", listener: (error?: Error) => void): unknown;
  /** Gives the client back; with true, closes its connection instead. */
  release(destroy?: boolean): void;
}

/** What listening needs of a pg pool. */
export interface ListenPool extends TellsOfIdleCuts {
  connect(callback: (error: Error | undefined, client: ListenClient | undefined) => void): void;
}

/** What a listener needs. */
export interface ListenerOptions {
  pool: ListenPool;
  clock: Clock;
  /** The channel to listen on. */
  channel: string;
  /** Someone sent a notice with this text. Called without a text when notices may have been missed. */
  onNotice(text?: string): void;
  onError(error: unknown): void;
}

/**
 * How long to wait for the pool to lend a connection, in ms; then the pool is asked again. A new connection may have
 * gone silent.
 */
const CONNECT_TIMEOUT_MS = 30_000;

/** How often the connection is asked whether it is alive, in ms. */
const PROBE_MS = 10_000;

/** A connection that does not answer within this many ms is taken for half-open and replaced. */
const PROBE_TIMEOUT_MS = 5_000;

/** How long to wait before a lost connection is replaced, in ms. */
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
  /** Has the lost connection replaced. */
  readonly #onLost: () => void;
  #client: ListenClient | null = null;
  #ended = false;
  #giveUpConnecting = () => {};

  constructor(options: ListenerOptions, onLost: () => void) {
    this.#options = options;
    this.#onLost = onLost;
    ignoreIdleCuts(options.pool);
  }

  /** Connects, or asks whether the connection is alive. Resolves with the ms until the next call. */
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
    // If the connection is just being asked whether it is alive, that fails.
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
      // By callback, not by promise: an error that comes in the same packet as the connection must find a listener.
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
