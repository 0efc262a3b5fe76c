import type { WatchField } from "../watch/watch-token.ts";
import { eventFrame, type Frame, lastFrame } from "./event-frame.ts";
import { openEventStream } from "./event-stream.ts";
import type { JobEvent, JobFeed } from "./job-feed.ts";

/** A client that follows a job. */
export interface Follower {
  /** The job as it is now. */
  event: JobEvent;
  /** The fields to send beside the state and the count of attempts. */
  fields: readonly WatchField[];
  /** When the right to follow ends, in ms by the database's clock. */
  expiresMs: number;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

/** Why a stream ended: the job ended, the job was deleted, or the token expired. */
type End = "ended" | "deleted" | "expired";

const endFrame = (reason: End): Frame => lastFrame({ reason }, "end");

/**
 * Returns a stream of a job's events: how the job is now, then each change, and an event `end` when no more will come.
 */
export function followJob(feed: JobFeed, follower: Follower): ReadableStream<Uint8Array> {
  const { event, fields, expiresMs, signal } = follower;
  let leave = () => {};
  const stream = openEventStream(signal, () => leave());
  let last = event;
  const show = (now: JobEvent) => {
    stream.send(frameOf(now, fields));
    last = now;
    if (isFinal(now)) stream.end(endFrame("ended"));
  };
  show(event);
  if (isFinal(event) || signal.aborted) return stream.body;
  leave = feed.listen(event.id, {
    next(now, nowMs) {
      if (now === null) return stream.end(endFrame("deleted"));
      if (now !== last && !isSame(now, last)) show(now);
      if (nowMs >= expiresMs) stream.end(endFrame("expired"));
    },
    beat: stream.beat,
    end: () => stream.end(),
  });
  return stream.body;
}

const isFinal = ({ state }: JobEvent) => state !== "queued" && state !== "running";

function isSame(before: JobEvent, after: JobEvent): boolean {
  return JSON.stringify({ ...before, updatedAt: "" }) === JSON.stringify({ ...after, updatedAt: "" });
}

/** The frames of an event, which all who follow the job share. */
const frames = new WeakMap<JobEvent, Map<string, Frame>>();

function frameOf(event: JobEvent, fields: readonly WatchField[]): Frame {
  const ofEvent = frames.get(event) ?? new Map<string, Frame>();
  frames.set(event, ofEvent);
  const shown = {
    ...event,
    progress: fields.includes("progress") ? event.progress : null,
    runAt: fields.includes("runAt") ? event.runAt : null,
  };
  const key = [...fields].sort().join();
  const frame = ofEvent.get(key) ?? eventFrame(shown);
  ofEvent.set(key, frame);
  return frame;
}
