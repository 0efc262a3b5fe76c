/** The channel on which an enqueue wakes sleeping workers, and a cancel reaches the worker that runs the job. */
export const LISTEN_CHANNEL = "millrace_jobs";

/** How a notice of a cancel begins; the job's id and the lease token of its run follow. */
export const CANCEL_NOTICE = "cancel:";

/** The content of a notice: an enqueue to a lane, or a cancel of a running job. */
export type Notice =
  | { kind: "enqueued"; queue: string; priority: number }
  | { kind: "cancel-requested"; jobId: string; leaseToken: number };

/** Reads a notification's payload, `priority:queue` or `cancel:id:token`; undefined when it has neither form. */
export function parseNotice(payload: string | undefined): Notice | undefined {
  if (payload?.startsWith(CANCEL_NOTICE)) {
    const [jobId = "", leaseToken] = payload.slice(CANCEL_NOTICE.length).split(":");
    return { kind: "cancel-requested", jobId, leaseToken: Number(leaseToken) };
  }
  const match = /^(-?\d{1,5}):(.+)$/s.exec(payload ?? "");
  if (match === null) return undefined;
  return { kind: "enqueued", priority: Number(match[1]), queue: match[2] ?? "" };
}
