import { computed, effect, signal } from "@preact/signals";
import { isVisible } from "./live.ts";

/** How far the database's clock is ahead of this browser's clock. */
const aheadMs = signal(0);
const browserMs = signal(Date.now());

/** Now by the database's clock, in ms since 1970. Changes each second while the tab is visible. */
export const nowMs = computed(() => browserMs.value + aheadMs.value);

/** Tells what the database's clock showed, in a request that began and ended at these times of this browser. */
export function setDatabaseNow(databaseNow: string, beganMs: number, endedMs: number): void {
  const at = Date.parse(databaseNow);
  if (!Number.isNaN(at)) aheadMs.value = at - (beganMs + endedMs) / 2;
}

/** Now by the database's clock, to the millisecond. */
export function databaseNow(): Date {
  return new Date(Date.now() + aheadMs.peek());
}

/** Runs the clock while the tab is visible. Called once. */
export function runClock(): void {
  effect(() => {
    if (!isVisible.value) return;
    browserMs.value = Date.now();
    const timer = setInterval(() => {
      browserMs.value = Date.now();
    }, 1_000);
    return () => clearInterval(timer);
  });
}
