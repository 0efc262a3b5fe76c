import type { Clock } from "@millrace/base";
import { describe, expect, test } from "vitest";
import { Run } from "./run.ts";
import { Slots } from "./slots.ts";

/** Time that passes when the test says so. */
function fakeClock() {
  let now = 0;
  let timers: { at: number; fire: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    random: () => 0.5,
    after(ms, fire) {
      const timer = { at: now + ms, fire };
      timers.push(timer);
      return () => {
        timers = timers.filter((each) => each !== timer);
      };
    },
  };
  return {
    clock,
    pass(ms: number) {
      now += ms;
      const due = timers.filter(({ at }) => at <= now);
      timers = timers.filter(({ at }) => at > now);
      for (const { fire } of due) fire();
    },
  };
}

function runOf(id: string, crashes = 0): Run {
  const job = { id, queue: "q", type: "t", payload: {}, leaseToken: 1, attempt: 1, maxAttempts: 3, crashes };
  return new Run(job, 0);
}

/** Lets everything run that waits for nothing but the event loop. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve));

function slotsOf(concurrency: number) {
  const { clock, pass } = fakeClock();
  const running = new Map<string, () => void>();
  const writing = new Map<string, () => void>();
  const begun: string[] = [];
  const released: [string, number | undefined][] = [];
  let givingBack = Promise.resolve();
  const slots = new Slots({
    concurrency,
    clock,
    handle: (run) => {
      begun.push(run.job.id);
      return new Promise(
        (resolve) => void running.set(run.job.id, () => resolve({ kind: "complete", output: null })),
      );
    },
    settle(run) {
      if (run.job.id.startsWith("slow to write")) writing.set(run.job.id, () => slots.written(run));
      else queueMicrotask(() => slots.written(run));
    },
    release: (runs, delayMs) => {
      for (const run of runs) released.push([run.job.id, delayMs]);
      return givingBack;
    },
    onFreed: () => undefined,
  });
  return {
    slots,
    pass,
    begun,
    released,
    async end(id: string) {
      running.get(id)?.();
      await settled();
    },
    async written(id: string) {
      writing.get(id)?.();
      await settled();
    },
    /** Giving runs back takes until the returned function is called. */
    holdReleases() {
      const gate = Promise.withResolvers<void>();
      givingBack = gate.promise;
      return async () => {
        gate.resolve();
        await settled();
      };
    },
  };
}

test("large payloads ahead of the slots keep more from being claimed, until they have begun", async () => {
  const { slots, end } = slotsOf(1);
  const large = (id: string) => new Run(runOf(id).job, 0, 5_000_000);
  // Handlers that take no time let a worker claim far ahead.
  for (let n = 0; n < 100; n += 1) {
    slots.take([runOf("quick")]);
    await end("quick");
  }
  slots.take([large("first"), large("second"), large("third")]);
  const full = slots.wanted;
  await end("first");

  expect(full).toBe(0);
  expect(slots.wanted).toBeGreaterThan(0);
});

describe("a job with two crashes", () => {
  test("begins when nothing else is left in its worker: no handler, no unwritten outcome, nothing ahead", async () => {
    const { slots, begun, released, end, written, holdReleases } = slotsOf(3);
    const endGivingBack = holdReleases();
    slots.take([runOf("slow to write"), runOf("suspect", 2), runOf("behind"), runOf("other suspect", 3)]);

    expect(released).toEqual([
      ["behind", undefined],
      ["other suspect", undefined],
    ]);
    expect(slots.wanted).toBe(0);
    await end("slow to write");
    await written("slow to write");
    expect(begun).toEqual(["slow to write"]);
    await endGivingBack();
    expect(begun).toEqual(["slow to write", "suspect"]);
  });

  test("waits for the outcome of a handler to be written", async () => {
    const { slots, begun, end, written } = slotsOf(3);
    slots.take([runOf("slow to write"), runOf("suspect", 2)]);

    await end("slow to write");
    expect(begun).toEqual(["slow to write"]);
    await written("slow to write");
    expect(begun).toEqual(["slow to write", "suspect"]);
  });

  test("has nothing beside it, not even what was being claimed, until it has ended", async () => {
    const { slots, begun, released, end } = slotsOf(3);
    slots.take([runOf("suspect", 2)]);
    await settled();
    slots.take([runOf("late")]);

    expect(begun).toEqual(["suspect"]);
    expect(released).toEqual([["late", undefined]]);
    expect(slots.wanted).toBe(0);
    await end("suspect");
    expect(slots.wanted).toBeGreaterThan(0);
    slots.take([runOf("next"), runOf("next to it")]);
    expect(begun).toEqual(["suspect", "next", "next to it"]);
  });

  test("lets others begin when it has run alone for a minute", async () => {
    const { slots, begun, pass } = slotsOf(3);
    slots.take([runOf("suspect", 2)]);
    pass(59_999);
    const before = slots.wanted;
    pass(1);
    slots.take([runOf("beside")]);

    expect(before).toBe(0);
    expect(begun).toEqual(["suspect", "beside"]);
  });

  test("is given back when the running handlers do not end, and the worker goes on with others", async () => {
    const { slots, begun, released, pass } = slotsOf(3);
    slots.take([runOf("long"), runOf("suspect", 2)]);
    pass(9_999);
    const before = [...released];
    pass(1);
    slots.take([runOf("suspect again", 2), runOf("other")]);

    expect(before).toEqual([]);
    expect(released).toEqual([
      ["suspect", 2_000],
      ["suspect again", 2_000],
    ]);
    expect(begun).toEqual(["long", "other"]);
    pass(30_000);
    slots.take([runOf("suspect at last", 2)]);
    pass(19_999);
    expect(released).toHaveLength(2);
    pass(1);
    expect(released.at(-1)).toEqual(["suspect at last", 2_000]);
  });

  test("makes the worker claim one at a time, until a claim has none", async () => {
    const { slots, end } = slotsOf(3);
    slots.take([runOf("suspect", 2)]);
    await end("suspect");

    expect(slots.wanted).toBe(1);
    slots.take([runOf("other", 1)]);
    expect(slots.wanted).toBe(2);
  });

  test("that waits to be alone is given back when the worker stops", async () => {
    const { slots, begun, released, end } = slotsOf(3);
    slots.take([runOf("long"), runOf("suspect", 2)]);
    slots.close();
    await slots.releaseAll();
    await end("long");
    await slots.drained();

    expect(released).toEqual([["suspect", undefined]]);
    expect(begun).toEqual(["long"]);
  });
});

/** Lets handlers that take no time tell the slots that many jobs may be claimed ahead. */
async function learnThatJobsAreShort({ slots, end }: ReturnType<typeof slotsOf>): Promise<void> {
  for (let n = 0; n < 100; n += 1) {
    slots.take([runOf("quick")]);
    await end("quick");
  }
}

describe("slots that are paused", () => {
  test("want nothing, give back what has not begun, and let the others end", async () => {
    const parts = slotsOf(1);
    await learnThatJobsAreShort(parts);
    const { slots, begun, released, end } = parts;
    slots.take([runOf("runs"), runOf("ahead")]);

    await slots.pause();
    slots.take([runOf("was being claimed")]);

    expect(slots.wanted).toBe(0);
    expect(released).toEqual([
      ["ahead", undefined],
      ["was being claimed", undefined],
    ]);
    await end("runs");
    await slots.drained();
    expect(begun.at(-1)).toBe("runs");
    slots.resume();
    expect(slots.wanted).toBeGreaterThan(0);
    slots.take([runOf("next")]);
    expect(begun.at(-1)).toBe("next");
  });

  test("give back a suspect that waits to be alone, and let one run on that runs alone", async () => {
    const { slots, begun, released, end } = slotsOf(3);
    slots.take([runOf("long"), runOf("suspect", 2)]);
    await slots.pause();
    expect(released).toEqual([["suspect", undefined]]);
    await end("long");
    slots.resume();
    slots.take([runOf("suspect again", 2)]);
    await slots.pause();
    await end("suspect again");

    expect(begun).toEqual(["long", "suspect again"]);
    expect(released).toHaveLength(1);
  });

  test("are drained when what they held ahead is given back", async () => {
    const parts = slotsOf(1);
    await learnThatJobsAreShort(parts);
    const { slots, end } = parts;
    slots.take([runOf("runs"), runOf("ahead")]);
    const drained = slots.drained();
    const pausing = slots.pause();
    await end("runs");

    await Promise.all([drained, pausing]);
  });
});

describe("slots that are resized", () => {
  test("to more begin what is ahead at once", async () => {
    const parts = slotsOf(1);
    await learnThatJobsAreShort(parts);
    const { slots, begun, released } = parts;
    slots.take([runOf("first"), runOf("second"), runOf("third")]);

    slots.resize(2);

    expect(begun.slice(-2)).toEqual(["first", "second"]);
    await slots.releaseSurplus(new Set(["another queue"]));
    expect(released).toEqual([["third", undefined]]);
    expect(slots.executing).toBe(2);
  });

  test("to fewer let running jobs end, and give back what has no room", async () => {
    const { slots, begun, released, end } = slotsOf(3);
    slots.take([runOf("a"), runOf("b"), runOf("c"), runOf("d"), runOf("e")]);
    slots.resize(1);
    await slots.releaseSurplus(new Set(["q"]));

    expect(released).toEqual([
      ["d", undefined],
      ["e", undefined],
    ]);
    await end("a");
    await end("b");
    expect(slots.wanted).toBe(0);
    await end("c");
    expect(slots.wanted).toBe(1);
    expect(begun).toEqual(["a", "b", "c"]);
  });
});
