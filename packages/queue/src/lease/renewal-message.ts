import type { Lease } from "../job/job.ts";

/** How a renewal thread connects: the options of a pg pool that can be handed to a thread. */
export type ConnectionConfig = Readonly<Record<string, unknown>>;

/** What a renewal thread is started with. */
export interface RenewalThreadData {
  connection: ConnectionConfig;
  leaseSeconds: number;
  /** How long the thread goes on renewing after the loop's last message, in ms. */
  maxBlockedMs: number;
}

/**
 * A message from the worker's loop to the thread. `held` names every run that the worker holds. `claimed` names runs
 * that the worker claimed after that. Leases are one text, because a text is cheaper to clone than an array of objects.
 */
export type ToRenewalThread =
  | { kind: "held"; leases: string }
  | { kind: "claimed"; leases: string }
  | { kind: "stop" };

/** A message from the thread to the worker's loop: the result of a renewal, or why a renewal failed. */
export type FromRenewalThread =
  | {
      kind: "renewed";
      /** When the statement was sent, by `processNow`. */
      sentAt: number;
      /** Leases that were extended. */
      renewed: string;
      /** Leases that were not renewed because their claim was locked. They are tried again soon. */
      locked: string;
      /** Leases that are lost. */
      refused: string;
      /** Leases of runs whose cancel was requested. The runs still hold them. */
      cancelRequested: string;
    }
  | { kind: "error"; message: string; code: string | undefined };

/** Leases as one text, with a line for each token, because the runs of a claim share a token. */
export function leasesToText(leases: Iterable<Lease>): string {
  const words: (string | number)[] = [];
  let last: number | undefined;
  for (const { id, leaseToken } of leases) {
    if (leaseToken !== last) words.push(last === undefined ? leaseToken : `\n${leaseToken}`);
    last = leaseToken;
    words.push(id);
  }
  return words.join(" ");
}

/** The leases in a text of `leasesToText`. */
export function textToLeases(text: string): Lease[] {
  if (text === "") return [];
  return text.split("\n").flatMap((line) => {
    const [token, ...ids] = line.trim().split(" ");
    const leaseToken = Number(token);
    return ids.map((id) => ({ id, leaseToken }));
  });
}
