/** The channel on which an enqueue wakes sleeping workers. */
export const LISTEN_CHANNEL = "millrace_jobs";

/** The lane that someone enqueued to. */
export interface WakeUp {
  queue: string;
  priority: number;
}

/** Reads a notification's payload, `priority:queue`; undefined when it says nothing of a lane. */
export function parseWakeUp(payload: string | undefined): WakeUp | undefined {
  const match = /^(-?\d{1,5}):(.+)$/s.exec(payload ?? "");
  if (match === null) return undefined;
  return { priority: Number(match[1]), queue: match[2] ?? "" };
}
