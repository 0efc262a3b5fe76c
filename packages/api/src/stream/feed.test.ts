import { heldClock, waitFor } from "@millrace/testpg";
import { afterEach, describe, expect, test } from "vitest";
import { createFeed, type Feed, type Listener, type Reading } from "./feed.ts";

const EVERY_MS = 1_000;
const HEARTBEAT_MS = 15_000;

interface Poll {
  topics: readonly string[];
  answer(values: Record<string, string>): void;
  fail(error: Error): void;
}

/** A feed whose reads a test answers, and whose timers a test passes. */
function heldFeed({ listenersMax = 100, topicsMax = 100 } = {}) {
  const clock = heldClock((ms) => ms === EVERY_MS || ms === HEARTBEAT_MS);
  const polls: Poll[] = [];
  const errors: unknown[] = [];
  const feed = createFeed<string>({
    ...{ clock, everyMs: EVERY_MS, listenersMax, topicsMax, onError: (error) => errors.push(error) },
    read: (topics) =>
      new Promise<Reading<string>>((resolve, reject) => {
        const answer = (values: Record<string, string>) =>
          resolve({ values: new Map(Object.entries(values)), nowMs: 5 });
        polls.push({ topics, answer, fail: reject });
      }),
  });
  held.push({ feed, polls });
  const poll = (count: number) =>
    waitFor(() => polls.length >= count && polls[count - 1], { description: `poll ${count}` });
  const pass = (ms: number) => waitFor(() => clock.pass(ms) > 0, { description: `a timer of ${ms} ms` });
  return { clock, feed, polls, errors, poll, pass };
}

const held: { feed: Feed<string>; polls: readonly Poll[] }[] = [];

afterEach(async () => {
  for (const { feed, polls } of held.splice(0)) {
    for (const poll of polls) poll.answer({});
    await feed.close();
  }
});

function listener() {
  const heard: (string | null)[] = [];
  const each: Listener<string> = {
    next: (value) => heard.push(value),
    beat: () => heard.push("beat"),
    end: () => heard.push("end"),
  };
  return { heard, each };
}

describe("a feed", () => {
  test("reads once for all listeners, and only while somebody listens", async () => {
    const { feed, polls, poll, pass, clock } = heldFeed();
    const [a, b, c] = [listener(), listener(), listener()];
    expect(clock.pass(EVERY_MS)).toBe(0);

    const leave = [feed.listen("x", a.each), feed.listen("x", b.each), feed.listen("y", c.each)];
    const first = await poll(1);
    expect([...first.topics].sort()).toEqual(["x", "y"]);
    first.answer({ x: "1" });
    await pass(EVERY_MS);
    (await poll(2)).answer({ x: "2", y: "3" });
    await waitFor(() => c.heard.length === 2, { description: "the second values" });

    expect([a.heard, b.heard, c.heard]).toEqual([
      ["1", "2"],
      ["1", "2"],
      [null, "3"],
    ]);
    for (const each of leave) each();
    expect(feed.listeners).toBe(0);
    await waitFor(() => clock.pass(EVERY_MS) === 0, { description: "no timer" });
    expect(polls).toHaveLength(2);
  });

  test("begins again with the next listener", async () => {
    const { feed, polls } = heldFeed();
    feed.listen("x", listener().each)();
    const next = listener();
    feed.listen("x", next.each);

    const last = await waitFor(() => polls.at(-1), { description: "a poll" });
    last.answer({ x: "1" });
    await waitFor(() => next.heard[0] === "1", { description: "the value" });
  });

  test("tells a listener nothing that was read before it came", async () => {
    const { feed, poll, pass } = heldFeed();
    const [a, late] = [listener(), listener()];
    feed.listen("x", a.each);
    const first = await poll(1);
    feed.listen("x", late.each);
    feed.listen("y", late.each);

    first.answer({ x: "1" });
    await pass(EVERY_MS);
    (await poll(2)).answer({ x: "2", y: "3" });
    await waitFor(() => late.heard.length === 2, { description: "the values" });

    expect(a.heard).toEqual(["1", "2"]);
    expect(late.heard).toEqual(["2", "3"]);
  });

  test("tells who has left nothing", async () => {
    const { feed, poll } = heldFeed();
    const [a, b] = [listener(), listener()];
    const leave = feed.listen("x", a.each);
    feed.listen("x", b.each);
    const first = await poll(1);

    leave();
    leave();
    first.answer({ x: "1" });
    await waitFor(() => b.heard.length === 1, { description: "the value" });

    expect(a.heard).toEqual([]);
    expect(feed.listeners).toBe(1);
  });

  test("outlives failed reads, and tells of the first of them", async () => {
    const { feed, poll, pass, errors } = heldFeed();
    const a = listener();
    feed.listen("x", a.each);

    (await poll(1)).fail(new Error("first"));
    await pass(EVERY_MS);
    (await poll(2)).fail(new Error("second"));
    await pass(EVERY_MS);
    (await poll(3)).answer({ x: "1" });
    await pass(EVERY_MS);
    (await poll(4)).fail(new Error("third"));
    await pass(EVERY_MS);

    expect(a.heard).toEqual(["1"]);
    expect(errors).toEqual([new Error("first"), new Error("third")]);
  });

  test("beats for every listener", async () => {
    const { feed, pass } = heldFeed();
    const [a, b] = [listener(), listener()];
    feed.listen("x", a.each);
    feed.listen("y", b.each);

    await pass(HEARTBEAT_MS);
    await pass(HEARTBEAT_MS);

    expect([a.heard, b.heard]).toEqual([
      ["beat", "beat"],
      ["beat", "beat"],
    ]);
  });

  test("has room for so many listeners, and so many topics", () => {
    const { feed } = heldFeed({ listenersMax: 3, topicsMax: 2 });
    const leave = feed.listen("x", listener().each);
    feed.listen("y", listener().each);

    expect([feed.hasRoom("x"), feed.hasRoom("y"), feed.hasRoom("z")]).toEqual([true, true, false]);
    feed.listen("y", listener().each);
    expect([feed.hasRoom("x"), feed.hasRoom("y"), feed.hasRoom("z")]).toEqual([false, false, false]);
    leave();
    expect([feed.hasRoom("x"), feed.hasRoom("y"), feed.hasRoom("z")]).toEqual([true, true, true]);
  });

  test("has less room for those who are given fewer places", () => {
    const { feed } = heldFeed({ listenersMax: 6, topicsMax: 3 });
    const places = { listenersMax: 4, topicsMax: 2, ofTopicMax: 2 };
    const room = () => ["x", "y", "z"].map((topic) => feed.hasRoom(topic, places));

    expect(room()).toEqual([true, true, true]);
    feed.listen("x", listener().each);
    feed.listen("x", listener().each);
    expect(room()).toEqual([false, true, true]);
    feed.listen("y", listener().each);
    expect(room()).toEqual([false, true, false]);
    feed.listen("x", listener().each);
    expect(room()).toEqual([false, false, false]);
    expect(["x", "y", "z"].map((topic) => feed.hasRoom(topic))).toEqual([true, true, true]);
  });

  test("that was closed ends its listeners, and has no room", async () => {
    const { feed, poll } = heldFeed();
    const a = listener();
    const leave = feed.listen("x", { ...a.each, end: () => leave() });
    (await poll(1)).answer({ x: "1" });

    await feed.close();

    expect(feed.listeners).toBe(0);
    expect(feed.hasRoom("x")).toBe(false);
  });
});
