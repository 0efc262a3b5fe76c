import { expect, it } from "vitest";
import { waitFor } from "./wait-for.ts";

it("the first value that is not false, null or undefined is returned, even 0", async () => {
  const values = [false, null, undefined, 0, 1];

  const reached = await waitFor(() => values.shift(), { description: "a value", intervalMs: 1 });

  expect(reached).toBe(0);
  expect(values).toEqual([1]);
});

it("a condition that stays false ends with an error that describes it", async () => {
  const waiting = waitFor(() => false, { description: "rain", timeoutMs: 20, intervalMs: 5 });

  await expect(waiting).rejects.toMatchObject({ code: "wait_timed_out", message: "waited 20 ms for rain" });
});

it("a condition that never settles ends with the limit", async () => {
  const waiting = waitFor(() => new Promise<true>(() => undefined), { description: "rain", timeoutMs: 20 });

  await expect(waiting).rejects.toMatchObject({ code: "wait_timed_out" });
});

it("an error of the condition ends the wait at once", async () => {
  const failure = new Error("broken");

  const waiting = waitFor(() => Promise.reject(failure), { description: "rain" });

  await expect(waiting).rejects.toBe(failure);
});
