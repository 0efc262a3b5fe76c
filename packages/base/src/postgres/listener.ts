import { type Beat, startBeat } from "../loop/beat.ts";
import type { Clock } from "../loop/clock.ts";
import { ignoreIdleCuts, type TellsOfIdleCuts } from "./ignore-idle-cuts.ts";

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
  /** What to listen to. */
  channel: string;
  /** Someone notified, with this text; without one when anything may have been missed. */
  onNotice(text?: string): void;
  onError(error: unknown): void;
}

/** A pool that lends no connection within this is asked again, in ms: a new connection may have gone silent. */
const CONNECT_TIMEOUT_MS = 30_000;

/** How often a quiet connection is asked whether it is alive, in ms. */
const PROBE_MS = 10_000;

/** A connection that does not answer within this is taken for half-open and replaced, in ms. */
const PROBE_TIMEOUT_MS = 5_000;

/** How long to wait before a lost connection is replaced, in ms. */
const RECONNECT_MS = 1_000;

/** Listens to a channel on a connection of its own; replaces it when it is lost or no longer answers. */
export function startListener(options: ListenerOptions): Beat {
  const { pool, clock, channel, onNotice, onError } = options;
  let client: ListenClient | null = null;
  let stopping = false;
  let giveUpConnecting = () => {};
  ignoreIdleCuts(pool);

  function drop(lost: ListenClient, error: unknown): void {
    if (client !== lost) return;
    client = null;
    lost.release(true);
    if (stopping) return;
    onError(error);
    beat.wake();
  }

  async function connect(): Promise<void> {
    const fresh = await new Promise<ListenClient>((resolve, reject) => {
      let tooLate = false;
      let stopTimer = () => {};
      giveUpConnecting = () => {
        tooLate = true;
        stopTimer();
        reject(new Error(`The pool gave no connection to listen on within ${CONNECT_TIMEOUT_MS} ms`));
      };
      stopTimer = clock.after(CONNECT_TIMEOUT_MS, giveUpConnecting);
      // By callback, not by promise: an error that comes in the same packet as the connection must find a listener.
      pool.connect((error, connected) => {
        stopTimer();
        if (tooLate) return connected?.release();
        if (connected === undefined) return reject(error);
        client = connected;
        connected.on("error", (lost) => drop(connected, lost));
        connected.on("end", () => drop(connected, new Error("The listening connection was closed")));
        connected.on("notification", (message) => onNotice(message.payload));
        resolve(connected);
      });
    });
    await answered(fresh, `LISTEN ${channel}`);
    // Whatever was enqueued while nobody listened was not told.
    onNotice();
  }

  async function answered(asked: ListenClient, statement: string): Promise<void> {
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

  const beat = startBeat({
    clock,
    firstMs: 0,
    async work() {
      const asked = client;
      try {
        if (asked === null) await connect();
        else await answered(asked, "SELECT 1");
        return PROBE_MS;
      } catch (error) {
        if (client !== null) drop(client, error);
        else if (!stopping) onError(error);
        return RECONNECT_MS;
      }
    },
  });

  return {
    wake: beat.wake,
    stop() {
      stopping = true;
      giveUpConnecting();
      const last = client;
      client = null;
      // A client that listens must not go back to the pool: it would keep listening. A question under way fails.
      last?.release(true);
      return beat.stop();
    },
  };
}
