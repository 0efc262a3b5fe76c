import type { z } from "@hono/zod-openapi";
import type { Clock } from "@millrace/base";
import type { problem } from "../contract/common.ts";
import type { overview } from "../contract/stats.ts";
import { eventFrame, type Frame } from "./event-frame.ts";
import { openEventStream } from "./event-stream.ts";
import { createFeed, type Feed } from "./feed.ts";

type Overview = z.infer<typeof overview>;
type Problem = z.infer<typeof problem>;

/** How many may listen to the overview of one handler. */
const LISTENERS_MAX = 100;

const TOPIC = "overview";

/** What the feed of overviews needs. */
export interface OverviewFeedOptions {
  clock: Clock;
  read(): Promise<Overview>;
  /** Returns what to send of a read that failed. */
  problemOf(error: unknown): Problem;
  onError(error: unknown): void;
}

/** The overview, read every 2 s for all who listen. */
export interface OverviewFeed {
  /** How many listen. */
  readonly listeners: number;
  /** Opens a stream; null when too many listen. */
  open(signal: AbortSignal): ReadableStream<Uint8Array> | null;
  /** Ends all streams. */
  close(): Promise<void>;
}

/** Creates the feed of overviews. */
export function createOverviewFeed({ clock, read, problemOf, onError }: OverviewFeedOptions): OverviewFeed {
  let latest: Frame | null = null;
  const feed: Feed<Frame> = createFeed<Frame>({
    clock,
    onError,
    everyMs: 2_000,
    listenersMax: LISTENERS_MAX,
    topicsMax: 1,
    async read() {
      const overview = await read();
      const frame = eventFrame(overview);
      latest = frame;
      return { values: new Map([[TOPIC, frame]]), nowMs: Date.parse(overview.at) };
    },
  });
  return {
    get listeners() {
      return feed.listeners;
    },
    open(signal) {
      if (!feed.hasRoom(TOPIC)) return null;
      // While others listen, the latest overview is at most 2 s old.
      const now = feed.listeners > 0 ? latest : null;
      let leave = () => {};
      const stream = openEventStream(signal, () => leave());
      if (signal.aborted) return stream.body;
      if (now !== null) stream.send(now);
      leave = feed.listen(TOPIC, {
        next(frame) {
          if (frame !== null) stream.send(frame);
        },
        failed(error) {
          // Nobody who comes now is to take an old overview for a new one.
          latest = null;
          stream.send(eventFrame(problemOf(error), "problem"));
        },
        beat: stream.beat,
        end: () => stream.end(),
      });
      return stream.body;
    },
    close: feed.close,
  };
}
