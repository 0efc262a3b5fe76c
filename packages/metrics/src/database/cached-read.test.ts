import { expect, test } from "vitest";
import { CachedRead } from "./cached-read.ts";

/** A cached read of numbers, whose time and answers a test controls. */
function controlled() {
  let now = 0;
  let reads = 0;
  const timers = new Set<() => void>();
  let answers: ((value: number | Error) => void)[] = [];
  const cached = new CachedRead<number>({
    clock: {
      now: () => now,
      random: () => 0,
      after(_ms, callback) {
        timers.add(callback);
        return () => void timers.delete(callback);
      },
    },
    keepMs: 10_000,
    limitMs: 2_000,
    read() {
      reads += 1;
      return new Promise((resolve, reject) => {
        answers.push((value) => (value instanceof Error ? reject(value) : resolve(value)));
      });
    },
  });
  return {
    cached,
    reads: () => reads,
    pass: (ms: number) => {
      now += ms;
    },
    answer(value: number | Error) {
      for (const give of answers) give(value);
      answers = [];
    },
    timeIsUp: () => {
      for (const callback of timers) callback();
    },
    timers,
  };
}

test("callers at the same time share one read, and callers soon after get its answer", async () => {
  const { cached, reads, answer, pass, timers } = controlled();
  const both = Promise.all([cached.get(), cached.get()]);
  answer(7);
  expect(await both).toEqual([
    { ok: true, value: 7 },
    { ok: true, value: 7 },
  ]);

  pass(9_999);
  expect(await cached.get()).toEqual({ ok: true, value: 7 });
  expect(reads()).toBe(1);
  expect(timers.size).toBe(0);
});

test("an answer that is too old is read again", async () => {
  const { cached, reads, answer, pass } = controlled();
  const first = cached.get();
  answer(7);
  await first;

  pass(10_000);
  const second = cached.get();
  answer(8);

  expect(await second).toEqual({ ok: true, value: 8 });
  expect(reads()).toBe(2);
});

test("a silent database is asked once, however many callers give up", async () => {
  const { cached, reads, answer, timeIsUp } = controlled();
  const first = cached.get();
  timeIsUp();
  const second = cached.get();
  timeIsUp();

  expect(await first).toMatchObject({ ok: false, error: { code: "ETIMEDOUT" } });
  expect(await second).toMatchObject({ ok: false, error: { code: "ETIMEDOUT" } });
  expect(reads()).toBe(1);

  const third = cached.get();
  answer(9);
  expect(await third).toEqual({ ok: true, value: 9 });
});

test("an error is an answer, too", async () => {
  const { cached, answer } = controlled();
  const read = cached.get();
  answer(new Error("refused"));

  expect(await read).toMatchObject({ ok: false, error: { message: "refused" } });
});
