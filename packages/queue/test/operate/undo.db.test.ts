import { describe, expect, test } from "vitest";
import { insertJob } from "../insert-job.ts";
import { openTransaction } from "../open-transaction.ts";
import { strayRows } from "./job-places.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();

const later = { delayMs: 3_600_000 };
const rich = {
  idempotencyKey: "k",
  tags: ["a", "b"],
  metadata: { deep: { nothing: null } },
  priority: 3,
  maxAttempts: 7,
};

/** A job that has ended, with everything that a retry overwrites. */
async function ended(state: "completed" | "failed" | "canceled"): Promise<string> {
  const { id } = await use.plain.enqueue("t", { n: 1 }, rich);
  const [run] = await use.plain.runs.claim({
    queues: ["default"],
    workerId: "w",
    limit: 1,
    leaseSeconds: 30,
  });
  await use.plain.runs.fail([{ id, leaseToken: run?.leaseToken ?? 0, error: "boom", retryInMs: null }]);
  await use.pool.query(
    `UPDATE millrace.ended_jobs SET state = $2::text, crashes = 2, run_at = '2026-01-02 03:04:05.678901+00',
       ended_at = '2026-01-02 03:04:06.123456+00', progress = '{"at": 1}',
       output = CASE WHEN $2::text = 'completed' THEN '{"big": 12345678901234567890, "none": null}'::jsonb END,
       settings = settings || '{"startBy": 1767323045000}' WHERE id = $1`,
    [id, state],
  );
  return id;
}

interface Action {
  /** Makes a job, and returns its id. */
  setup(): Promise<string>;
  give(id: string): Promise<unknown>;
}

const queued = async () => (await use.plain.enqueue("t", { n: 1 }, rich)).id;
const postponed = async () => (await use.plain.enqueue("t", { n: 1 }, { ...rich, ...later })).id;
const everything = {
  payload: { n: 2, text: "y".repeat(5_000) },
  runAt: new Date(0),
  priority: 1,
  queue: "default",
  maxAttempts: 2,
  idempotencyKey: null,
  tags: ["c"],
  metadata: { m: 2 },
};

const ACTIONS = {
  cancel: { setup: queued, give: (id) => use.ada.cancel(id) },
  cancelMany: { setup: queued, give: (id) => use.ada.cancelMany({ ids: [id] }) },
  "retry of a completed job": { setup: () => ended("completed"), give: (id) => use.ada.retry(id) },
  "retry of a failed job": { setup: () => ended("failed"), give: (id) => use.ada.retry(id) },
  retryMany: { setup: () => ended("canceled"), give: (id) => use.ada.retryMany({ ids: [id] }) },
  "retryMany of completed jobs": {
    setup: () => ended("completed"),
    give: (id) => use.ada.retryMany({ ids: [id], state: "completed" }),
  },
  runNow: { setup: postponed, give: (id) => use.ada.runNow(id) },
  runNowMany: { setup: postponed, give: (id) => use.ada.runNowMany({ ids: [id] }) },
  change: { setup: postponed, give: (id) => use.ada.change(id, everything) },
} satisfies Record<string, Action>;

const claim = async (id: string) => {
  const runs = await use.plain.runs.claim({ queues: ["default"], workerId: "w", limit: 1, leaseSeconds: 30 });
  expect(runs.map((run) => run.id)).toEqual([id]);
  return runs.map(({ leaseToken }) => ({ id, leaseToken }));
};

/** What happens to the job between the command and its undo. */
const MEANWHILE = {
  nothing: async () => undefined,
  "a claim": (id) => claim(id),
  "a claim that was given back": async (id) => use.plain.runs.release(await claim(id)),
  // The instant alone would not tell: the clock may be set back.
  "a claim that was given back at the instant of the command": async (id) => {
    await use.plain.runs.release(await claim(id));
    await use.pool.query("UPDATE millrace.waiting_jobs SET updated_at = (SELECT at FROM millrace.audit_log)");
  },
  "a completed run": async (id) => use.plain.runs.complete(await claim(id)),
  "a cancel": (id) => use.plain.cancel(id),
  "a cancel and a retry": (id) => use.plain.cancel(id).then(() => use.plain.retry(id)),
  "a retry": (id) => use.plain.retry(id),
  "a retry and a cancel": (id) => use.plain.retry(id).then(() => use.plain.cancel(id)),
  "a change": (id) => use.plain.change(id, { priority: 9 }),
  "its deletion": (id) => use.plain.deleteMany({ ids: [id] }),
  "a pruning": () => use.plain.prune({ keepLast: 0 }),
} satisfies Record<string, (id: string) => Promise<unknown>>;

type Meanwhile = keyof typeof MEANWHILE;

/** What can happen to a job that the command has ended, and to one that it has queued. Only nothing is undone. */
const OF_ENDED: readonly Meanwhile[] = [
  "nothing",
  "a retry",
  "a retry and a cancel",
  "its deletion",
  "a pruning",
];
const OF_QUEUED: readonly Meanwhile[] = [
  "nothing",
  "a claim",
  "a claim that was given back",
  "a claim that was given back at the instant of the command",
  "a completed run",
  "a cancel",
  "a cancel and a retry",
  "a change",
  "its deletion",
];

describe("the undo of", () => {
  const table = Object.entries(ACTIONS).flatMap(([name, action]) =>
    (name.startsWith("cancel") ? OF_ENDED : OF_QUEUED).map((meanwhile) => ({ name, action, meanwhile })),
  );

  test.each(table)("$name after $meanwhile", async ({ action, meanwhile }) => {
    const id = await action.setup();
    const bystander = await insertJob(use.pool, { state: "completed", queue: "other" });
    const [before, bystanderBefore] = [await use.rowOf(id), await use.rowOf(bystander)];
    await action.give(id);
    const commandId = await use.lastCommand();
    expect(await use.rowOf(id)).not.toEqual(before);
    await MEANWHILE[meanwhile](id);
    const moved = await use.rowOf(id);

    const untouched = meanwhile === "nothing";
    const expected = untouched ? { restored: 1, left: 0 } : { restored: 0, left: 1 };
    expect(await use.ada.undo(commandId, { dryRun: true })).toEqual(expected);
    expect(await use.rowOf(id)).toEqual(moved);
    expect(await use.ada.undo(commandId)).toEqual(expected);

    expect(await use.rowOf(id)).toEqual(untouched ? before : moved);
    if (meanwhile !== "a pruning") expect(await use.rowOf(bystander)).toEqual(bystanderBefore);
    expect(await strayRows(use.pool)).toEqual([]);
  });

  test.each(Object.entries(ACTIONS))("%s leaves a job whose row is locked", async (name, action) => {
    const id = await action.setup();
    await action.give(id);
    const commandId = await use.lastCommand();
    const given = await use.rowOf(id);
    const table = name.startsWith("cancel") ? "ended_jobs" : "waiting_jobs";
    await using holder = await openTransaction(use.pool);
    await holder.client.query(`SELECT FROM millrace.${table} WHERE id = $1 FOR UPDATE`, [id]);

    expect(await use.ada.undo(commandId)).toEqual({ restored: 0, left: 1 });

    expect(await use.rowOf(id)).toEqual(given);
  });
});

describe("the cancel of a running job", () => {
  const end = async (id: string) => {
    const { leaseToken } = await use.plain.get(id);
    await use.plain.runs.fail([{ id, leaseToken, error: "x", retryInMs: 1_000 }]);
  };

  test.each([
    ["is withdrawn if the job still runs", { restored: 1 }],
    ["stays if an earlier command has asked", { cancelRequested: true, restored: 0 }],
    ["stays if the job has ended", { meanwhile: end, restored: 0 }],
  ] as const)("%s", async (_name, { restored, ...given }) => {
    const id = await insertJob(use.pool, {
      state: "running",
      cancelRequested: "cancelRequested" in given && given.cancelRequested,
    });
    const before = await use.rowOf(id);
    const { commandId } = await use.ada.cancelMany({ ids: [id] });
    if ("meanwhile" in given) await given.meanwhile(id);
    const moved = await use.rowOf(id);

    expect(await use.ada.undo(commandId ?? "", { dryRun: true })).toEqual({ restored, left: 1 - restored });
    expect(await use.ada.undo(commandId ?? "")).toEqual({ restored, left: 1 - restored });

    expect(await use.rowOf(id)).toEqual(restored === 1 ? before : moved);
  });
});

test("an output of more than 8 kB is not kept, and its job is left", async () => {
  const [small, large] = [await ended("failed"), await insertJob(use.pool, { state: "completed" })];
  await use.pool.query("UPDATE millrace.ended_jobs SET output = to_jsonb(repeat('x', 9000)) WHERE id = $1", [
    large,
  ]);
  await use.pool.query("UPDATE millrace.ended_jobs SET state = 'completed', output = '1' WHERE id = $1", [
    small,
  ]);
  const { commandId } = await use.ada.retryMany({ state: "completed" });

  expect(await use.ada.undo(commandId ?? "")).toEqual({ restored: 1, left: 1 });

  expect(await use.plain.get(small)).toMatchObject({ state: "completed", output: 1 });
  expect((await use.plain.get(large)).state).toBe("queued");
});

test("a follower whose first job has ended meanwhile is due when its cancel is undone", async () => {
  const first = await use.plain.enqueue("t", 1, { latest: { key: "k" } });
  const [run] = await claim(first.id);
  const follower = await use.plain.enqueue("t", 2, { latest: { key: "k" } });
  expect(follower.id).not.toBe(first.id);
  await use.ada.cancel(follower.id);
  const command = await use.lastCommand();
  await use.plain.runs.complete(run === undefined ? [] : [run]);

  expect(await use.ada.undo(command)).toEqual({ restored: 1, left: 0 });

  const { rows } = await use.pool.query(
    "SELECT run_at <= now() AS due, settings FROM millrace.waiting_jobs WHERE id = $1",
    [follower.id],
  );
  expect(rows).toEqual([{ due: true, settings: null }]);
});

test("a job without tags and metadata has none again when its change is undone", async () => {
  const { id } = await use.plain.enqueue("t", 1);
  const before = await use.rowOf(id);
  await use.ada.change(id, { tags: ["a"], metadata: { a: 1 } });

  expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 1, left: 0 });

  expect(await use.rowOf(id)).toEqual(before);
});
