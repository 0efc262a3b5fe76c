import type { Executor } from "@millrace/base";
import { heldClock, waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { followJob } from "./follow-job.ts";
import { createJobFeed, jobEventOf } from "./job-feed.ts";

const POLL_MS = 1_000;
const idOf = (n: number) => `0190d1a2-0000-7000-8000-${String(n).padStart(12, "0")}`;

const job = (id: string, progress: string | null = null) => ({
  ...{ id, state: "queued" as const, progress, attempts: 0, max_attempts: 3, now_ms: 5 },
  ...{ run_at_ms: 0, updated_ms: 0, finished_ms: null },
});

const eventOf = (id: string) =>
  jobEventOf(
    {
      ...{ id, state: "queued", progress: null, attempts: 0, maxAttempts: 3 },
      ...{ runAtMs: 0, updatedMs: 0, finishedMs: null },
    },
    (json) => json,
  );

/** A feed on a database that has every job that it is asked for. */
function openFeed(progressOf: (id: string) => string | null = () => null) {
  const clock = heldClock((ms) => ms === POLL_MS || ms === 15_000);
  const asked: (readonly string[])[] = [];
  const redacted: string[] = [];
  const db: Executor = {
    async query(_text, [ids] = []) {
      asked.push(ids as string[]);
      return { rows: (ids as string[]).map((id) => job(id, progressOf(id))) };
    },
  };
  const redact = (json: string) => {
    redacted.push(json);
    return `redacted ${json}`;
  };
  const feed = createJobFeed({ db, clock, redact, onError: (error) => expect.fail(String(error)) });
  const pass = () => waitFor(() => clock.pass(POLL_MS) > 0, { description: "the next poll" });
  return { feed, asked, redacted, pass };
}

const listener = { next: () => {}, beat: () => {}, end: () => {} };

describe("the feed of jobs", () => {
  test("follows at most 1,000 jobs, by one statement for all of them", async () => {
    const { feed, asked, pass } = openFeed();
    for (let n = 0; n < 1_000; n += 1) feed.listen(idOf(n), listener);

    expect(feed.hasRoom(idOf(1_000))).toBe(false);
    expect(feed.hasRoom(idOf(7))).toBe(true);
    await pass();
    expect(asked.map((ids) => ids.length)).toEqual([1_000, 1_000]);
    await feed.close();
  });

  test("has at most 5,000 listeners", async () => {
    const { feed } = openFeed();
    for (let n = 0; n < 5_000; n += 1) feed.listen(idOf(n % 10), listener);

    expect(feed.listeners).toBe(5_000);
    expect(feed.hasRoom(idOf(0))).toBe(false);
    await feed.close();
  });

  test("redacts a progress once while it stays the same", async () => {
    let progress = "1";
    const { feed, redacted, pass } = openFeed(() => progress);
    const heard: unknown[] = [];
    feed.listen(idOf(1), { ...listener, next: (event) => heard.push(event?.progress) });

    await pass();
    await pass();
    progress = "2";
    await pass();
    await waitFor(() => heard.length === 4, { description: "the fourth event" });

    expect(redacted.filter((json) => json === "1")).toHaveLength(1);
    expect(heard.at(-1)).toBe("redacted 2");
    await feed.close();
  });

  test("takes nobody in whose request was aborted", async () => {
    const { feed } = openFeed();
    const client = new AbortController();
    client.abort();

    followJob(feed, { event: eventOf(idOf(1)), fields: [], expiresMs: 9, signal: client.signal });

    expect(feed.listeners).toBe(0);
    await feed.close();
  });
});
