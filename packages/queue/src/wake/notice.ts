/** The channel of notices. An enqueue wakes sleeping workers, and a cancel reaches the worker that runs the job. */
export const LISTEN_CHANNEL = "millrace_jobs";

/** The first part of a notice of a cancel. The job's id and the lease token of its run follow. */
export const CANCEL_NOTICE = "cancel:";

/** The content of a notice: an enqueue to a lane, or a cancel of a running job. */
export type Notice =
  | { kind: "enqueued"; queue: string; priority: number }
  | { kind: "cancel-requested"; jobId: string; leaseToken: number };

/** Parses the text of a notice: `priority:queue` or `cancel:id:token`. Returns undefined for any other text. */
export function parseNotice(payload: string | undefined): Notice | undefined {
  if (payload?.startsWith(CANCEL_NOTICE)) {
    const [jobId = "", leaseToken] = payload.slice(CANCEL_NOTICE.length).split(":");
    return { kind: "cancel-requested", jobId, leaseToken: Number(leaseToken) };
  }
  const match = /^(-?\d{1,5}):(.+)$/s.exec(payload ?? "");
  if (match === null) return undefined;
  return { kind: "enqueued", priority: Number(match[1]), queue: match[2] ?? "" };
}
