import type { Adapter } from "../adapters/adapter.ts";
import { payloads } from "../payload.ts";

/** How many jobs one bulk call enqueues when a store is filled. */
export const FILL_BATCH = 1_000;

/** Enqueues `count` due jobs through the peer's own bulk call. */
export async function fillDue(adapter: Adapter, url: string, count: number): Promise<void> {
  if (count === 0) return;
  const producer = await adapter.openProducer(url);
  try {
    for (let done = 0; done < count; done += FILL_BATCH) {
      await producer.enqueueMany(payloads(Math.min(FILL_BATCH, count - done), done));
    }
  } finally {
    await producer.close();
  }
}
