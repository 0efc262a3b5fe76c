import { type Beat, type Clock, startBeat } from "@millrace/base";

/** What one poll read: the value of each topic that has one, and the time by the database's clock. */
export interface Reading<Value> {
  values: ReadonlyMap<string, Value>;
  nowMs: number;
}

/** Somebody who listens to a topic. */
export interface Listener<Value> {
  /** Called after each poll; with null when the topic has no value any more. */
  next(value: Value | null, nowMs: number): void;
  /** Called after each poll that failed. */
  failed?(error: unknown): void;
  /** Called every 15 s. */
  beat(): void;
  /** Called when the feed is closed. */
  end(): void;
}

/** How many places of a feed somebody may see taken, and still come in. Default: all of them. */
export interface Places {
  listenersMax?: number;
  topicsMax?: number;
  /** How many may listen to one topic. */
  ofTopicMax?: number;
}

/** The options of a feed. */
export interface FeedOptions<Value> {
  clock: Clock;
  /** How long the feed waits after one poll before the next, in ms. */
  everyMs: number;
  listenersMax: number;
  topicsMax: number;
  /** Reads the values of these topics by one statement. */
  read(topics: readonly string[]): Promise<Reading<Value>>;
  /** Called with the first error of several failed polls in a row. The listeners stay, and the feed tries again. */
  onError(error: unknown): void;
}

/** One poll for all listeners. Polls only while somebody listens, and uses no connection between two polls. */
export interface Feed<Value> {
  /** How many listen. */
  readonly listeners: number;
  /** Whether another listener to this topic fits in. With `places`, as if there were only so many. */
  hasRoom(topic: string, places?: Places): boolean;
  /** Adds a listener. Returns a function that removes the listener. */
  listen(topic: string, listener: Listener<Value>): () => void;
  /** Ends all listeners, and waits for the poll under way. */
  close(): Promise<void>;
}

const HEARTBEAT_MS = 15_000;

/** Creates a feed. */
export function createFeed<Value>(options: FeedOptions<Value>): Feed<Value> {
  const { clock, everyMs, listenersMax, topicsMax, read, onError } = options;
  const topics = new Map<string, Set<Listener<Value>>>();
  let count = 0;
  let failing = false;
  let closed = false;
  let beats: readonly Beat[] = [];

  const everybody = () => [...topics.values()].flatMap((listeners) => [...listeners]);

  async function poll(): Promise<number> {
    try {
      // A listener that comes during this read waits for the next one: this read may be older than what it knows.
      const asked = [...topics].map(([topic, listeners]) => ({ topic, listeners, now: [...listeners] }));
      const { values, nowMs } = await read(asked.map(({ topic }) => topic));
      failing = false;
      for (const { topic, listeners, now } of asked) {
        const staying = now.filter((listener) => listeners.has(listener));
        for (const listener of staying) listener.next(values.get(topic) ?? null, nowMs);
      }
    } catch (error) {
      if (!failing) onError(error);
      failing = true;
      for (const listener of everybody()) listener.failed?.(error);
    }
    return everyMs;
  }
  async function beat(): Promise<number> {
    for (const listener of everybody()) listener.beat();
    return HEARTBEAT_MS;
  }
  function start(): void {
    beats = [
      startBeat({ clock, firstMs: 0, work: poll }),
      startBeat({ clock, firstMs: HEARTBEAT_MS, work: beat }),
    ];
  }
  async function stop(): Promise<void> {
    const stopping = beats;
    beats = [];
    await Promise.all(stopping.map((one) => one.stop()));
  }

  return {
    get listeners() {
      return count;
    },
    hasRoom(topic, places = {}) {
      const { ofTopicMax = listenersMax } = places;
      if (closed || count >= (places.listenersMax ?? listenersMax)) return false;
      const listeners = topics.get(topic);
      return listeners === undefined
        ? topics.size < (places.topicsMax ?? topicsMax)
        : listeners.size < ofTopicMax;
    },
    listen(topic, listener) {
      const listeners = topics.get(topic) ?? new Set();
      topics.set(topic, listeners.add(listener));
      count += 1;
      if (count === 1) start();
      return () => {
        if (!listeners.delete(listener)) return;
        count -= 1;
        if (listeners.size === 0) topics.delete(topic);
        if (count === 0) void stop();
      };
    },
    async close() {
      closed = true;
      for (const listener of everybody()) listener.end();
      await stop();
    },
  };
}
