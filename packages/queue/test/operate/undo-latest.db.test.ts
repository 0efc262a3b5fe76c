import { describe, expect, test } from "vitest";
import type { ClaimedJob } from "../../src/index.ts";
import { openTransaction } from "../open-transaction.ts";
import { untilBlocked } from "../until-blocked.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();
const LATEST = { latest: { key: "k" } };

const claim = () => use.plain.runs.claim({ queues: ["default"], workerId: "w", limit: 10, leaseSeconds: 60 });

async function begin(payload: number): Promise<ClaimedJob> {
  await use.plain.enqueue("t", payload, LATEST);
  const [run] = await claim();
  if (run === undefined) throw new Error("A job must be due");
  return run;
}

/** Makes a job that waits for its next attempt, and a follower that waits for this job. */
async function pair(): Promise<{ first: string; follower: string }> {
  const run = await begin(1);
  const { id: follower } = await use.plain.enqueue("t", 2, LATEST);
  await use.plain.runs.fail([{ ...run, error: "it broke", retryInMs: 3_600_000 }]);
  return { first: run.id, follower };
}

const cancelOne = async (id: string) => {
  await use.ada.cancel(id);
  return use.lastCommand();
};

const cancelInSql = async (id: string) => {
  await use.pool.query("SELECT millrace.cancel_job($1)", [id]);
  return use.lastCommand();
};

const cancelMany = async (ids: readonly string[], batchSize: number) => {
  const { commandId } = await use.ada.cancelMany({ ids }, { batchSize });
  return commandId ?? "";
};

describe("the undo of a cancel", () => {
  test.each([
    { by: "cancel", cancel: ({ first }: { first: string }) => cancelOne(first) },
    { by: "cancel_job", cancel: ({ first }: { first: string }) => cancelInSql(first) },
    { by: "cancelMany", cancel: ({ first }: { first: string }) => cancelMany([first], 10) },
    ...[1, 10].map((batchSize) => ({
      by: `cancelMany of both, ${batchSize} in a step,`,
      cancel: (both: { first: string; follower: string }) => cancelMany(Object.values(both), batchSize),
    })),
  ])("by $by lets the follower wait again for the first job", async ({ cancel }) => {
    const jobs = await pair();
    const before = await Promise.all([use.rowOf(jobs.first), use.rowOf(jobs.follower)]);
    const command = await cancel(jobs);

    expect(await use.ada.undo(command)).toMatchObject({ left: 0 });

    expect(await Promise.all([use.rowOf(jobs.first), use.rowOf(jobs.follower)])).toEqual(before);
  });

  test.each(
    [
      { what: "runs", move: claim },
      { what: "was overwritten", move: () => use.plain.enqueue("t", 3, LATEST) },
      { what: "was deleted", move: (follower: string) => use.plain.deleteMany({ ids: [follower] }) },
    ].flatMap((each) => [
      { ...each, by: "cancel", cancel: cancelOne },
      { ...each, by: "cancel_job", cancel: cancelInSql },
    ]),
  )("by $by leaves the first job if its follower $what", async ({ move, cancel }) => {
    const { first, follower } = await pair();
    const command = await cancel(first);
    await move(follower);

    expect(await use.ada.undo(command, { dryRun: true })).toEqual({ restored: 0, left: 1 });
    expect(await use.ada.undo(command)).toEqual({ restored: 0, left: 1 });

    expect((await use.plain.get(first)).state).toBe("canceled");
  });

  test.each([
    { by: "cancelMany", cancel: (id: string) => cancelMany([id], 10) },
    { by: "cancel_job", cancel: cancelInSql },
  ])("by $by leaves a job if a later one has its key", async ({ cancel }) => {
    const { id } = await use.plain.enqueue("t", 1, LATEST);
    const command = await cancel(id);
    await use.plain.enqueue("t", 2, LATEST);

    expect(await use.ada.undo(command)).toEqual({ restored: 0, left: 1 });

    expect((await claim()).map(({ payload }) => payload)).toEqual([2]);
  });

  test("leaves a job if the key of its canceled follower has passed to a later job", async () => {
    const { first, follower } = await pair();
    await use.plain.cancel(follower);
    const command = await cancelOne(first);
    await use.plain.enqueue("t", 3, LATEST);

    expect(await use.ada.undo(command)).toEqual({ restored: 0, left: 1 });

    expect((await claim()).map(({ payload }) => payload)).toEqual([3]);
  });

  test("makes an enqueue with the key wait, which then overwrites the job", async () => {
    const { id } = await use.plain.enqueue("t", 1, LATEST);
    const command = await cancelOne(id);
    await using log = await openTransaction(use.pool);
    await log.client.query("LOCK TABLE millrace.audit_log IN SHARE MODE");
    // The undo has queued the job again, and cannot write that it was done.
    const undone = use.ada.undo(command);
    await untilBlocked(use.pool, 1);
    const enqueued = use.plain.enqueue("t", 2, LATEST);
    await untilBlocked(use.pool, 2);
    await log.end("ROLLBACK");

    expect(await undone).toEqual({ restored: 1, left: 0 });
    expect(await enqueued).toEqual({ id, outcome: "replaced" });
    expect((await claim()).map(({ payload }) => payload)).toEqual([2]);
  });

  test("leaves a follower if a later one waits for the same job", async () => {
    const run = await begin(1);
    const { id: earlier } = await use.plain.enqueue("t", 2, LATEST);
    const command = await cancelOne(earlier);
    await use.plain.enqueue("t", 3, LATEST);

    expect(await use.ada.undo(command)).toEqual({ restored: 0, left: 1 });

    await use.plain.runs.complete([run]);
    expect((await claim()).map(({ payload }) => payload)).toEqual([3]);
  });
});
