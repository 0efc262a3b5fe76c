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

/** Leases as one text. */
export function leasesToText(leases: Iterable<Lease>): string {
  let text = "";
  for (const { id, leaseToken } of leases) text += `${id} ${leaseToken}\n`;
  return text;
}

/** The leases in a text of `leasesToText`. */
export function textToLeases(text: string): Lease[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [id = "", leaseToken] = line.split(" ");
      return { id, leaseToken: Number(leaseToken) };
    });
}
