import type { BulkAnswer, BulkRequest } from "@millrace/api/client";
import { describe, expect, test } from "vitest";
import { type BulkProgress, NOTHING_DONE, runBulk } from "./run-bulk.ts";

const FILTER = { state: "failed" } as const;
const answer = (over: Partial<BulkAnswer>): BulkAnswer => ({
  changed: 10,
  skipped: 1,
  cancelRequested: 0,
  done: false,
  after: "a",
  commandId: "command",
  ...over,
});

/** Answers each request with the next answer, and keeps the requests. */
function server(answers: readonly BulkAnswer[]) {
  const requests: BulkRequest[] = [];
  const send = async (request: BulkRequest) => {
    const next = answers[requests.length];
    requests.push(request);
    if (next === undefined) throw new Error("No more answers");
    return next;
  };
  return { requests, send };
}

describe("runBulk", () => {
  test("continues under the same command until the server is done, and adds up", async () => {
    const { requests, send } = server([
      answer({ after: "a" }),
      answer({ after: "b", changed: 5 }),
      answer({ after: null, changed: 2, skipped: 0, done: true }),
    ]);

    const progress = await runBulk(send, { filter: FILTER }, { onStep: () => true });

    expect(progress).toMatchObject({ changed: 17, skipped: 2, commandId: "command", done: true });
    expect(requests.map(({ after, commandId }) => [after, commandId])).toEqual([
      [undefined, undefined],
      ["a", "command"],
      ["b", "command"],
    ]);
  });

  test("stops after the request under way, and can be continued", async () => {
    const { requests, send } = server([answer({ after: "a" }), answer({ after: null, done: true })]);

    const stopped = await runBulk(send, { filter: FILTER }, { onStep: () => false });
    const ended = await runBulk(send, { filter: FILTER }, { onStep: () => true, from: stopped });

    expect([stopped.done, ended.done, ended.changed]).toEqual([false, true, 20]);
    expect(requests[1]).toMatchObject({ after: "a", commandId: "command" });
  });

  test("never gives a dry run the id of a command", async () => {
    const { requests, send } = server([answer({ commandId: null }), answer({ done: true, commandId: null })]);

    const progress = await runBulk(send, { filter: FILTER, dryRun: true }, { onStep: () => true });

    expect(requests.map((request) => [request.dryRun, request.commandId])).toEqual([
      [true, undefined],
      [true, undefined],
    ]);
    expect(progress.commandId).toBeNull();
  });

  test("ends when the server names no place to continue from", async () => {
    const { requests, send } = server([answer({ after: null, done: false })]);

    const progress = await runBulk(send, { filter: FILTER }, { onStep: () => true });

    expect([progress.done, requests.length]).toEqual([true, 1]);
  });

  test("tells of a failed request, and leaves what was done before to be continued", async () => {
    const { send } = server([answer({ after: "a" })]);
    let last = NOTHING_DONE;
    const onStep = (progress: BulkProgress) => {
      last = progress;
      return true;
    };

    await expect(runBulk(send, { filter: FILTER }, { onStep })).rejects.toThrow("No more answers");

    expect(last).toMatchObject({ changed: 10, after: "a", done: false });
  });
});
