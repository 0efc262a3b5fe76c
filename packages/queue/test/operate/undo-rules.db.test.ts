import { randomUUID } from "node:crypto";
import { drizzle } from "drizzle-orm/node-postgres";
import { describe, expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();

describe("keys", () => {
  test("a canceled job is left as it is if another job has taken its key", async () => {
    const { id } = await use.plain.enqueue("t", {}, { idempotencyKey: "k", keyScope: "active" });
    await use.ada.cancel(id);
    const other = await use.plain.enqueue("t", {}, { idempotencyKey: "k", keyScope: "active" });
    expect(other.id).not.toBe(id);

    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 0, left: 1 });

    expect((await use.plain.get(id)).state).toBe("canceled");
    expect((await use.plain.findByKey("k"))?.id).toBe(other.id);
  });

  test("a changed job is left as it is if another job has taken its old key", async () => {
    const { id } = await use.plain.enqueue("t", {}, { idempotencyKey: "k", priority: 1 });
    await use.ada.change(id, { idempotencyKey: "other", priority: 2 });
    await use.plain.enqueue("t", {}, { idempotencyKey: "k" });

    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 0, left: 1 });

    expect(await use.plain.get(id)).toMatchObject({ priority: 2, idempotencyKey: "other" });
  });

  test("a changed job has its old key with its scope again", async () => {
    const { id } = await use.plain.enqueue("t", {}, { idempotencyKey: "k", keyScope: { periodMs: 60_000 } });
    const keys = () => use.pool.query("SELECT * FROM millrace.job_keys").then(({ rows }) => rows);
    const before = await keys();
    await use.ada.change(id, { idempotencyKey: null });
    expect(await keys()).toEqual([]);

    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 1, left: 0 });

    expect(await keys()).toEqual(before);
  });
});

describe("a cancel of a running job that two people asked for", () => {
  /** A running job whose cancel Ada requested, and then Bob. Returns the ids of their commands. */
  async function askedTwice() {
    const { id } = await use.plain.enqueue("t", {});
    const [run] = await use.plain.runs.claim({
      queues: ["default"],
      workerId: "w",
      limit: 1,
      leaseSeconds: 60,
    });
    const bob = createQueue(use.pool, { audit: { who: "bob", via: "test" } });
    const ada = await use.ada.cancelMany({ state: "running" });
    expect(await bob.cancel(id)).toBe("cancel-requested");
    const ofBob = await use.lastCommand();
    const end = () =>
      use.plain.runs.fail([
        { id, leaseToken: run?.leaseToken ?? 0, error: "e", retryInMs: 0, cancel: "if requested" },
      ]);
    return { id, ofAda: ada.commandId ?? "", ofBob, end };
  }

  test("stands when the first takes it back", async () => {
    const { id, ofAda, end } = await askedTwice();

    expect(await use.ada.undo(ofAda, { dryRun: true })).toEqual({ restored: 0, left: 1 });
    expect(await use.ada.undo(ofAda)).toEqual({ restored: 0, left: 1 });

    expect((await end()).canceled).toMatchObject([{ id }]);
  });

  test("is withdrawn when the first takes it back after the second", async () => {
    const { id, ofAda, ofBob, end } = await askedTwice();

    expect(await use.ada.undo(ofBob)).toEqual({ restored: 0, left: 1 });
    expect(await use.ada.undo(ofAda)).toEqual({ restored: 1, left: 0 });

    expect((await end()).released).toMatchObject([{ id }]);
  });
});

describe("queues", () => {
  const paused = async () =>
    (await use.plain.queues()).find(({ queue }) => queue === "mail")?.pausedAt ?? null;

  test("a pause, a resume and settings are undone", async () => {
    await use.ada.pause("mail");
    const since = await paused();
    await use.ada.resume("mail");
    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 1, left: 0 });
    expect(await paused()).toEqual(since);

    await use.plain.resume("mail");
    await use.ada.pause("mail");
    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 1, left: 0 });
    expect(await paused()).toBeNull();

    await use.plain.setQueue("mail", { timeoutMs: 5 });
    await use.ada.setQueue("mail", null);
    expect(await use.ada.undo(await use.lastCommand())).toEqual({ restored: 1, left: 0 });
    expect(await use.plain.queueSettings("mail")).toEqual({ timeoutMs: 5 });
  });

  test("what somebody else did since stays", async () => {
    await use.ada.pause("mail");
    const pause = await use.lastCommand();
    await use.plain.resume("mail");
    await use.plain.pause("mail");
    const since = await paused();
    expect(await use.ada.undo(pause)).toEqual({ restored: 0, left: 1 });
    expect(await paused()).toEqual(since);

    await use.ada.resume("mail");
    const resume = await use.lastCommand();
    await use.plain.pause("mail");
    expect(await use.ada.undo(resume)).toEqual({ restored: 0, left: 1 });

    await use.ada.setQueue("mail", { timeoutMs: 5 });
    const set = await use.lastCommand();
    await use.plain.setQueue("mail", { timeoutMs: 6 });
    expect(await use.ada.undo(set)).toEqual({ restored: 0, left: 1 });
    expect(await use.plain.queueSettings("mail")).toEqual({ timeoutMs: 6 });
  });
});

describe("a command is undone", () => {
  const refused = (commandId: string, reason: string) =>
    expect(use.ada.undo(commandId)).rejects.toMatchObject({ code: "NOT_UNDOABLE", reason, commandId });

  test("whole, over all its steps", async () => {
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await insertJob(use.pool, { state: "failed" }));
    const before = await Promise.all(ids.map(use.rowOf));
    const first = await use.ada.retryMany({ all: true }, { batchSize: 2, limit: 4 });
    const commandId = first.commandId ?? "";
    const second = await use.ada.retryMany({ all: true }, { after: first.after ?? "", commandId });
    expect(second).toMatchObject({ changed: 1, commandId });
    expect(await use.ada.audit({ commandId })).toHaveLength(3);

    expect(await use.ada.undo(commandId)).toEqual({ restored: 5, left: 0 });

    expect(await Promise.all(ids.map(use.rowOf))).toEqual(before);
    expect((await use.ada.audit({ limit: 1 }))[0]).toMatchObject({
      ...{ who: "ada", via: "test", action: "undo", changed: 5, before: [], undoUntil: null },
      filter: { commandId },
    });
  });

  test("once, and then does not go on", async () => {
    await insertJob(use.pool);
    await insertJob(use.pool);
    const { commandId, after } = await use.ada.cancelMany({ all: true }, { limit: 1 });
    const id = commandId ?? "";
    await use.ada.undo(id.toUpperCase());

    await refused(id, "already-undone");
    await refused(await use.lastCommand(), "no-undo");
    await expect(
      use.ada.cancelMany({ all: true }, { after: after ?? "", commandId: id }),
    ).rejects.toMatchObject({
      code: "COMMAND_UNDONE",
      commandId: id,
    });
    expect(await use.plain.list({ state: "queued" })).toHaveLength(2);
  });

  test("within ten minutes of its first step", async () => {
    for (let n = 0; n < 2; n += 1) await insertJob(use.pool);
    const first = await use.ada.cancelMany({ all: true }, { limit: 1 });
    const commandId = first.commandId ?? "";
    const age = (minutes: number) =>
      use.pool.query(
        `UPDATE millrace.audit_log SET at = now() - $1 * interval '1 minute'
         WHERE id = (SELECT id FROM millrace.audit_log ORDER BY id LIMIT 1)`,
        [minutes],
      );
    await use.ada.cancelMany({ all: true }, { commandId, after: first.after ?? "" });
    const until = async () => (await use.ada.audit({ commandId })).map((entry) => entry.undoUntil);
    await age(9);
    expect(await until()).toEqual([expect.any(Date), expect.any(Date)]);
    await age(11);
    expect(await until()).toEqual([null, null]);

    await refused(commandId, "too-late");
    expect(await use.plain.list({ state: "canceled" })).toHaveLength(2);
  });

  test("if it has an undo", async () => {
    const id = await insertJob(use.pool, { state: "failed" });
    const { commandId } = await use.ada.deleteMany({ ids: [id] });
    await insertJob(use.pool, { state: "failed" });
    await refused(commandId ?? "", "no-undo");
    await use.ada.prune({ keepLast: 0 });
    await refused(await use.lastCommand(), "no-undo");
    await refused(randomUUID(), "unknown");
    expect((await use.ada.audit()).map((entry) => entry.undoUntil)).toEqual([null, null]);
  });

  test("by a queue that records", async () => {
    const id = await insertJob(use.pool);
    await use.ada.cancel(id);

    await expect(use.plain.undo(await use.lastCommand())).rejects.toMatchObject({
      code: "INVALID_OPTION",
      option: "audit",
    });
    expect((await use.plain.get(id)).state).toBe("canceled");
  });
});

test("a command is undone on a Drizzle database, too", async () => {
  const drizzled = createQueue(drizzle(use.pool), { audit: { who: "ada", via: "test" } });
  const id = await insertJob(use.pool, { state: "failed" });
  const before = await use.rowOf(id);
  const { commandId } = await drizzled.retryMany({ ids: [id] });

  expect(await drizzled.undo(commandId ?? "", { dryRun: true })).toEqual({ restored: 1, left: 0 });
  expect((await drizzled.audit({ who: "ada" }))[0]?.undoUntil).toEqual(expect.any(Date));
  expect(await drizzled.undo(commandId ?? "")).toEqual({ restored: 1, left: 0 });

  expect(await use.rowOf(id)).toEqual(before);
});

test("workers are told of jobs that are due again", async () => {
  const heard: string[] = [];
  const listener = await use.pool.connect();
  try {
    listener.on("notification", (message) => heard.push(message.payload ?? ""));
    const id = await insertJob(use.pool, { queue: "mail" });
    await use.ada.cancel(id);
    await listener.query("LISTEN millrace_jobs");
    await use.ada.undo(await use.lastCommand());
    await listener.query("SELECT 1");
  } finally {
    listener.removeAllListeners("notification");
    await listener.query("UNLISTEN *");
    listener.release();
  }

  expect(heard).toEqual(["0:mail"]);
});

test("a command that changed nothing has no id, and neither has one that is not recorded", async () => {
  await insertJob(use.pool, { state: "failed" });

  expect((await use.ada.cancelMany({ all: true })).commandId).toBeNull();
  expect((await use.ada.retryMany({ all: true }, { dryRun: true })).commandId).toBeNull();
  expect((await use.plain.retryMany({ all: true })).commandId).toBeNull();
  await expect(use.ada.retryMany({ all: true }, { commandId: "7" })).rejects.toMatchObject({
    code: "INVALID_OPTION",
    option: "commandId",
  });
});

test.each([[{}], [{ unknown: 1 }], [{ constructor: 1 }], [{ priority: "high" }], [null]])(
  "a recorded change is refused as any other: %j",
  async (change) => {
    const { id } = await use.plain.enqueue("t", {});

    await expect(use.ada.change(id, change as never)).rejects.toMatchObject({ code: "INVALID_JOB" });
    expect(await use.ada.audit()).toEqual([]);
  },
);
