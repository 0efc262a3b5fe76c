import type { Lease } from "../job/job.ts";

/** How a renewal thread connects: what of a pg pool's options can be handed to a thread. */
export type ConnectionConfig = Readonly<Record<string, unknown>>;

/** What a renewal thread is started with. */
export interface RenewalThreadData {
  connection: ConnectionConfig;
  leaseSeconds: number;
  /** How long it goes on renewing without hearing from the worker's loop, in ms. */
  maxBlockedMs: number;
}

/**
 * What the worker's loop tells the thread. `held` names every run held, and `began` those claimed since. Leases go as
 * one text: cloning it costs a copy, where an array costs a walk over its objects.
 */
export type ToRenewalThread =
  | { kind: "held"; leases: string }
  | { kind: "began"; leases: string }
  | { kind: "stop" };

/** What the thread tells the loop. */
export type FromRenewalThread =
  | {
      kind: "renewed";
      /** When the statement was sent, by `processNow`. */
      sentAt: number;
      renewed: string;
      /** Those whose row was locked: not renewed, and tried again soon. */
      locked: string;
      refused: string;
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
