import { expect, test } from "vitest";
import type { Clock } from "../loop/clock.ts";
import { type ListenClient, type ListenPool, startListener } from "./listener.ts";

/** A clock that stands still, and runs the timer of a given length when told to. */
function handClock() {
  const timers = new Map<() => void, number>();
  const clock: Clock = {
    now: () => 0,
    random: () => 0.5,
    after(ms, callback) {
      timers.set(callback, ms);
      return () => void timers.delete(callback);
    },
  };
  return {
    clock,
    lengths: () => [...timers.values()],
    run(lengthMs: number) {
      for (const [callback, ms] of [...timers]) {
        if (ms !== lengthMs) continue;
        timers.delete(callback);
        callback();
      }
    },
  };
}

/** A pool that lends a connection when told to. */
function slowPool() {
  const asked: ((error: undefined, client: ListenClient) => void)[] = [];
  const pool: ListenPool = {
    connect: (callback) => void asked.push(callback),
    on: () => undefined,
    listeners: () => [],
  };
  return { pool, asked };
}

function clientThatAnswers() {
  const told: string[] = [];
  const client: ListenClient = {
    async query(text) {
      told.push(text);
    },
    on: () => undefined,
    release: (destroy) => void told.push(destroy === true ? "destroyed" : "released"),
  };
  return { client, told };
}

function listening() {
  const hand = handClock();
  const { pool, asked } = slowPool();
  const errors: unknown[] = [];
  let wakeUps = 0;
  const listener = startListener({
    pool,
    clock: hand.clock,
    channel: "news",
    onNotice: () => {
      wakeUps += 1;
    },
    onError: (error) => errors.push(error),
  });
  hand.run(0);
  return { hand, asked, errors, listener, wakeUps: () => wakeUps };
}

/** Lets what was called back go on. */
const settled = () => new Promise(setImmediate);

test("a pool that lends no connection for 30 s is told of and asked again; a late connection goes back", async () => {
  const { hand, asked, errors, listener, wakeUps } = listening();

  hand.run(30_000);
  await settled();
  hand.run(1_000);
  const late = clientThatAnswers();
  const fresh = clientThatAnswers();
  asked[0]?.(undefined, late.client);
  asked[1]?.(undefined, fresh.client);
  await settled();

  expect(errors).toEqual([
    expect.objectContaining({ message: expect.stringContaining("gave no connection") }),
  ]);
  expect(late.told).toEqual(["released"]);
  expect(fresh.told).toEqual(["LISTEN news"]);
  expect(wakeUps()).toBe(1);
  await listener.stop();
  expect(fresh.told).toEqual(["LISTEN news", "destroyed"]);
});

test("stop does not wait for a pool that lends no connection, and gives back what it lends later", async () => {
  const { hand, asked, errors, listener } = listening();

  await listener.stop();
  const late = clientThatAnswers();
  asked[0]?.(undefined, late.client);

  expect(late.told).toEqual(["released"]);
  expect([errors, hand.lengths()]).toEqual([[], []]);
});

test("stop closes a connection at once that does not answer", async () => {
  const { hand, asked, errors, listener } = listening();
  const { client, told } = clientThatAnswers();
  let fail = (_error: Error) => {};
  client.query = () =>
    new Promise((_resolve, reject) => {
      fail = reject;
    });
  client.release = () => {
    told.push("destroyed");
    // As the pg driver does to a question whose connection is closed.
    fail(new Error("Connection terminated"));
  };
  asked[0]?.(undefined, client);
  await settled();

  await listener.stop();

  expect(told).toEqual(["destroyed"]);
  expect([errors, hand.lengths()]).toEqual([[], []]);
});
