import { beginningFrame, type Frame, HEARTBEAT } from "./event-frame.ts";

/** The stream of events to one client. */
export interface EventStream {
  /** The body of the answer. */
  readonly body: ReadableStream<Uint8Array>;
  /** Sends the newest state. It takes the place of a state that the client was too slow to take. */
  send(frame: Frame): void;
  /** Sends a comment. A client that takes nothing for too long loses its stream, and every client after a while. */
  beat(): void;
  /** Ends the stream, after a last event if one is given. */
  end(last?: Frame): void;
}

/** How many frames wait for a client that does not read, before newer states replace older ones. */
const WAITING_MAX = 4;

/** After so many heartbeats that a client did not take, its stream ends: a minute, at 15 s each. */
const MISSED_MAX = 4;

/**
 * After so many heartbeats, every stream ends: a quarter of an hour, at 15 s each. A browser opens it again, and then
 * its user is asked again for access, which may be gone.
 */
const BEATS_MAX = 60;

/** After how many ms a browser connects again. */
const RETRY_MS = 3_000;

/**
 * Opens a stream to one client. Holds few frames for a client that does not read, so that slow clients cost no memory.
 * `onClose` is called once: when the stream ends, when the client goes away, or when `signal` is aborted.
 */
export function openEventStream(signal: AbortSignal, onClose: () => void): EventStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  let newest: Frame | null = null;
  let missed = 0;
  let beats = 0;

  const close = () => {
    if (controller === null) return;
    controller = null;
    signal.removeEventListener("abort", end);
    onClose();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
        given.enqueue(beginningFrame(RETRY_MS));
      },
      pull(given) {
        missed = 0;
        if (newest === null) return;
        given.enqueue(newest);
        newest = null;
      },
      cancel: close,
    },
    new CountQueuingStrategy({ highWaterMark: WAITING_MAX }),
  );
  const hasRoom = () => (controller?.desiredSize ?? 0) > 0;

  function send(frame: Frame): void {
    if (hasRoom()) controller?.enqueue(frame);
    else newest = frame;
  }
  function beat(): void {
    beats += 1;
    if (beats >= BEATS_MAX) end();
    else if (hasRoom()) controller?.enqueue(HEARTBEAT);
    else if (++missed >= MISSED_MAX) end();
  }
  function end(last?: Frame | Event): void {
    const closing = controller;
    if (closing === null) return;
    if (newest !== null) closing.enqueue(newest);
    if (last instanceof Uint8Array) closing.enqueue(last);
    newest = null;
    close();
    closing.close();
  }

  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
  return { body, send, beat, end };
}
