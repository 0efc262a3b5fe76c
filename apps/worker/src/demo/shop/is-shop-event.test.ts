import type { ClaimedJob } from "@millrace/queue";
import { expect, test } from "vitest";
import { isShopEvent } from "./is-shop-event.ts";

const job = (queue: string): ClaimedJob => ({
  id: "01890000-0000-7000-8000-0000000abcde",
  queue,
  type: "mail.send",
  payload: {},
  leaseToken: 1,
  attempt: 1,
  maxAttempts: 3,
  crashes: 0,
});

test("an event of a shop's job or schedule is the shop's", () => {
  expect(isShopEvent({ kind: "job-started", job: job("mail") })).toBe(true);
  expect(isShopEvent({ kind: "job-started", job: job("demo") })).toBe(false);
  expect(isShopEvent({ kind: "job-started", job: job("default") })).toBe(false);
});

test("jobs that wait for a task are the shop's only if all of them are", () => {
  expect(isShopEvent({ kind: "no-task", queue: "media", jobs: 1, types: ["video.transcode"] })).toBe(true);
  expect(
    isShopEvent({ kind: "no-task", queue: "media", jobs: 1, types: ["video.transcode", "users.import"] }),
  ).toBe(false);
});
