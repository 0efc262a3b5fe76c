import { tickKey } from "./tick-key.ts";

/** The longest jitter of a schedule, in ms: a day. */
export const JITTER_MS_MAX = 86_400_000;

/**
 * Returns how long after its tick a job is due, in ms: from 0 to below `jitterMs`.
 * The delay is a hash of the schedule and the tick, so that every scheduler computes the same delay. The delay differs
 * from tick to tick, so that no schedule is always late.
 */
export function tickDelayMs(scheduleId: string, tick: Date, jitterMs: number): number {
  return jitterMs === 0 ? 0 : hash(tickKey(scheduleId, tick)) % jitterMs;
}

/** FNV-1a, with the last mixing step of MurmurHash3: keys that differ in one digit get distant hashes. */
function hash(text: string): number {
  let mixed = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193);
  }
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
