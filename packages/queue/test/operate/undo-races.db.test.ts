import { describe, expect, test } from "vitest";
import type { UndoResult } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";
import { untilBlocked } from "../until-blocked.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();
const JOBS = 40;
const ROUNDS = 5;

const rounds = Array.from({ length: ROUNDS }, (_, round) => round);

async function insertJobs(setup: Parameters<typeof insertJob>[1]): Promise<void> {
  for (let n = 0; n < JOBS; n += 1) await insertJob(use.pool, setup);
}

/** How many jobs there are in each state, once per job and place. */
async function states(): Promise<Record<string, number>> {
  const { rows } = await use.pool.query<{ state: string; n: number }>(
    "SELECT state, count(*)::int AS n FROM millrace.jobs GROUP BY state",
  );
  return Object.fromEntries(rows.map(({ state, n }) => [state, n]));
}

const claimAll = async () => {
  const claimed = [];
  for (;;) {
    const runs = await use.plain.runs.claim({
      queues: ["default"],
      workerId: "w",
      limit: 3,
      leaseSeconds: 60,
    });
    if (runs.length === 0) return claimed;
    claimed.push(...runs);
  }
};

describe("an undo beside", () => {
  test.each(rounds)("claims: each retried job runs, or is as it was (%i)", async () => {
    await insertJobs({ state: "failed" });
    const { commandId } = await use.ada.retryMany({ all: true }, { batchSize: 15 });

    const [result, ...claims] = await Promise.all([use.ada.undo(commandId ?? ""), claimAll(), claimAll()]);

    const running = claims.flat().length;
    expect(result).toEqual({ restored: JOBS - running, left: running });
    // A claim passes over the rows that the undo has locked, and the undo over those of a claim.
    const expected = { ...(running > 0 && { running }), ...(running < JOBS && { failed: JOBS - running }) };
    expect(await states()).toEqual(expected);
  });

  test.each(rounds)("another undo: one of the two is refused (%i)", async () => {
    await insertJobs({});
    const { commandId } = await use.ada.cancelMany({ all: true }, { batchSize: 15 });

    const results = await Promise.allSettled([use.ada.undo(commandId ?? ""), use.ada.undo(commandId ?? "")]);

    const done = results.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
    const refused = results.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
    expect(done).toEqual([{ restored: JOBS, left: 0 }]);
    expect(refused).toMatchObject([{ code: "NOT_UNDOABLE", reason: "already-undone" }]);
    expect(await states()).toEqual({ queued: JOBS });
  });

  test.each(rounds)("pruning: each canceled job is deleted, or queued again (%i)", async () => {
    await insertJobs({});
    const { commandId } = await use.ada.cancelMany({ all: true });

    const [result, pruned] = await Promise.all([
      use.ada.undo(commandId ?? ""),
      use.plain.prune({ keepLast: 0, batchSize: 5 }),
    ]);

    // A job that the undo skipped because pruning had locked it is deleted; the reverse holds for pruning.
    expect(result.restored + result.left).toBe(JOBS);
    const queued = result.restored;
    expect((await states())["queued"] ?? 0).toBe(queued);
    expect(queued + pruned + ((await states())["canceled"] ?? 0)).toBe(JOBS);
  });

  test.each(rounds)("completions: a job ends, and its request is gone (%i)", async () => {
    await insertJobs({});
    const runs = await claimAll();
    const { commandId } = await use.ada.cancelMany({ state: "running" });

    const [result] = await Promise.all([
      use.ada.undo(commandId ?? ""),
      ...runs.map(({ id, leaseToken }) => use.plain.runs.complete([{ id, leaseToken }])),
    ]);

    expect(result.restored + result.left).toBe(JOBS);
    expect(await states()).toEqual({ completed: JOBS });
    await use.plain.runs.recover();
    expect((await use.pool.query("SELECT FROM millrace.cancel_requests")).rowCount).toBe(0);
  });

  test.each(rounds)("the further steps of its command: whatever it changed is undone (%i)", async () => {
    await insertJobs({ state: "failed" });
    const first = await use.ada.retryMany({ all: true }, { batchSize: 5, limit: 5 });
    const commandId = first.commandId ?? "";

    const [undone, rest] = await Promise.allSettled([
      use.ada.undo(commandId),
      use.ada.retryMany({ all: true }, { batchSize: 5, after: first.after ?? "", commandId }),
    ]);

    expect(undone.status).toBe("fulfilled");
    if (rest.status === "rejected") expect(rest.reason).toMatchObject({ code: "COMMAND_UNDONE" });
    expect(await states()).toEqual({ failed: JOBS });
  });
});

/** Begins an undo, and returns once it waits at the row that `blocker` has locked: in the middle of its work. */
async function begun(commandId: string): Promise<{ ended: Promise<UndoResult | { code?: string }> }> {
  const ended = use.ada.undo(commandId).catch((error: { code?: string }) => error);
  await untilBlocked(use.pool);
  return { ended };
}

test("a session that is killed in the middle of an undo changes nothing, and the undo can be given again", async () => {
  for (const state of ["queued", "running"] as const) await insertJobs({ state });
  const { commandId } = await use.ada.cancelMany({ all: true }, { batchSize: 25 });
  await using holder = await openTransaction(use.pool);
  await holder.client.query("SELECT FROM millrace.cancel_requests FOR UPDATE");
  const { ended } = await begun(commandId ?? "");

  await use.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  expect(await ended).toMatchObject({ code: "57P01" });
  await holder.end("ROLLBACK");

  expect(await states()).toEqual({ canceled: JOBS, running: JOBS });
  expect(await use.ada.undo(commandId ?? "")).toEqual({ restored: 2 * JOBS, left: 0 });
  expect(await states()).toEqual({ queued: JOBS, running: JOBS });
  expect((await use.pool.query("SELECT FROM millrace.cancel_requests")).rowCount).toBe(0);
});

test("an undo waits for the step of its command that is under way, and undoes this step, too", async () => {
  await insertJobs({ state: "failed" });
  const { commandId, after } = await use.ada.retryMany({ all: true }, { limit: 10 });
  await using table = await openTransaction(use.pool);
  await table.client.query("LOCK TABLE millrace.waiting_jobs IN SHARE MODE");
  // The limit ends the command with this step: another step would find the command undone.
  const rest = { limit: JOBS - 10, commandId: commandId ?? "", after: after ?? "" };
  const step = use.ada.retryMany({ all: true }, rest);
  await untilBlocked(use.pool, 1);
  const undone = use.ada.undo(commandId ?? "");
  await untilBlocked(use.pool, 2);
  await table.end("ROLLBACK");

  expect(await step).toMatchObject({ changed: JOBS - 10 });
  expect(await undone).toEqual({ restored: JOBS, left: 0 });
  expect(await states()).toEqual({ failed: JOBS });
});
