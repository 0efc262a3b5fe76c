import { setTimeout as pause } from "node:timers/promises";
import type { Producer } from "../adapters/adapter.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import { payload } from "../payload.ts";

const BEAT_MS = 10;
/** At most this many bulk calls are under way, so that the memory of a producer that falls behind stays bounded. */
const UNDER_WAY_MAX = 10;

/** Enqueues in bulk at short intervals. Returns how many jobs it enqueued, and the rate it reached in jobs/s. */
export async function produceAtRate(options: {
  producer: Producer;
  /** Jobs per second. */
  rate: number;
  durationMs: number;
}): Promise<{ made: number; rate: number }> {
  const { producer, rate, durationMs } = options;
  const start = monotonicMs();
  const underWay = new Set<Promise<void>>();
  let made = 0;
  for (;;) {
    const elapsed = monotonicMs() - start;
    if (elapsed >= durationMs) break;
    const due = Math.min(Math.floor((elapsed * rate) / 1_000) - made, 1_000);
    if (due > 0 && underWay.size < UNDER_WAY_MAX) {
      const sentAt = monotonicMs();
      const jobs = Array.from({ length: due }, (_, index) => payload(made + index, sentAt));
      made += due;
      const call = producer.enqueueMany(jobs).finally(() => underWay.delete(call));
      underWay.add(call);
    }
    await pause(BEAT_MS);
  }
  await Promise.all(underWay);
  return { made, rate: (made * 1_000) / (monotonicMs() - start) };
}
