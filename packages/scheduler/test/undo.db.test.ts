import { createQueue, defineTask } from "@millrace/queue";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  createSchedules,
  defineSchedule,
  reconcileSchedules,
  type SchedulePatch,
  type Schedules,
} from "../src/index.ts";

const database = useTestDatabase();
const audit = { who: "ada", via: "admin page" };
const yearly = { jobType: "t", cron: "0 0 1 1 *" };
let pool: pg.Pool;
/** Its commands are recorded. */
let ada: Schedules;
/** Its commands are not. */
let plain: Schedules;

beforeAll(() => {
  pool = database.pool();
  ada = createSchedules(pool, { audit });
  plain = createSchedules(pool);
});

beforeEach(async () => {
  await pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log; DELETE FROM millrace.job_schedules`);
});

async function lastCommand(): Promise<string> {
  const [entry] = await createQueue(pool).audit({ limit: 1 });
  return entry?.commandId ?? "";
}

/** A schedule without the instant of its last change. */
const stateOf = async (id: string) => ({ ...(await plain.get(id)), updatedAt: null });

/** Undoes the last command, after a dry run that must tell the same and change nothing. */
async function undone(): Promise<unknown> {
  const commandId = await lastCommand();
  const schedules = await plain.list();
  const counted = await ada.undo(commandId, { dryRun: true });
  expect(await plain.list()).toEqual(schedules);
  const result = await ada.undo(commandId);
  expect(result).toEqual(counted);
  return result;
}

describe("the undo of", () => {
  const everything: SchedulePatch = {
    ...{ name: "renamed", jobType: "u", queue: "mail", payload: { n: 2 }, priority: 3, maxAttempts: 4 },
    ...{ everyMs: 90_000, misfire: "all", overlap: "skip", jitterMs: 5, maxRuns: 9 },
    ...{ startsAt: new Date("2030-01-01"), endsAt: new Date("2040-01-01") },
  };

  test.each([
    ["a disable", {}, (id: string) => ada.disable(id), (id: string) => plain.enable(id)],
    ["an enable", { enabled: false }, (id: string) => ada.enable(id), (id: string) => plain.disable(id)],
    [
      "an update",
      {},
      (id: string) => ada.update(id, everything),
      (id: string) => plain.update(id, { priority: 5 }),
    ],
    [
      "an update of an interval",
      { cron: null, everyMs: 60_000, anchor: new Date("2026-01-01") },
      (id: string) => ada.update(id, { cron: " @daily ", timezone: "Europe/Berlin" }),
      (id: string) => plain.update(id, { cron: "@hourly" }),
    ],
  ] as const)("%s", async (name, given, command, meanwhile) => {
    const { id } = await plain.create({ ...yearly, name: "s", ...given });
    const before = await stateOf(id);

    await command(id);
    expect(await stateOf(id)).not.toEqual(before);
    expect(await undone()).toEqual({ restored: 1, left: 0 });
    // An interval has no use for its zone, so the zone stays.
    const kept = name === "an update of an interval" ? { timezone: "Europe/Berlin" } : {};
    expect(await stateOf(id)).toEqual({ ...before, ...kept });

    await command(id);
    await meanwhile(id);
    const moved = await stateOf(id);
    expect(await undone()).toEqual({ restored: 0, left: 1 });
    expect(await stateOf(id)).toEqual(moved);

    await command(id);
    await plain.delete(id);
    expect(await undone()).toEqual({ restored: 0, left: 1 });
    expect(await plain.list()).toEqual([]);
  });

  test("a rename leaves the schedule if its old name is taken", async () => {
    const { id } = await plain.create({ ...yearly, name: "s" });
    await ada.update(id, { name: "renamed", priority: 2 });
    await plain.create({ ...yearly, name: "s" });

    expect(await ada.undo(await lastCommand())).toEqual({ restored: 0, left: 1 });

    expect(await plain.get(id)).toMatchObject({ name: "renamed", priority: 2 });
    const [entry] = await createQueue(pool).audit({ limit: 1 });
    expect(entry).toMatchObject({ action: "undo", changed: 0 });
  });
});

test("what schedules cannot undo is refused, and says who can", async () => {
  await ada.create({ ...yearly, name: "s" });
  const refusal = async () => ada.undo(await lastCommand()).catch((error: Error) => error.message);
  expect(await refusal()).toContain("it created a schedule; delete or disable the schedule instead");
  await ada.runNow("s");
  expect(await refusal()).toContain("it enqueued a job; cancel the job instead");
  await ada.delete("s");
  expect(await refusal()).toContain("what is deleted cannot come back");

  const queue = createQueue(pool, { audit });
  await queue.pause("mail");
  expect(await refusal()).toContain("`queue.undo` undoes the action pause");
  await plain.create({ ...yearly, name: "s" });
  await ada.disable("s");
  await expect(queue.undo(await lastCommand())).rejects.toMatchObject({
    code: "NOT_UNDOABLE",
    message: expect.stringContaining("`schedules.undo` undoes the action schedules.disable"),
  });
});

describe("reconcileSchedules with audit", () => {
  const anything = {
    "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value: value as object }) },
  } as const;
  const task = defineTask({ name: "t", payload: anything, run: () => undefined });
  const declaration = (priority: number) =>
    defineSchedule({ name: "declared", task, payload: {}, cron: yearly.cron, priority });

  test("writes one row about what it creates and changes, with the old values", async () => {
    await reconcileSchedules(pool, [declaration(1)], { audit });
    await reconcileSchedules(pool, [declaration(1)], { audit });
    await reconcileSchedules(pool, [declaration(2)], { audit });

    const { id } = await plain.get("declared");
    const common = { ...audit, action: "schedules.reconcile", filter: { names: ["declared"] }, changed: 1 };
    expect(await createQueue(pool).audit()).toMatchObject([
      { ...common, before: [{ id, schedule: "declared", priority: 1 }] },
      { ...common, before: [{ id, schedule: "declared" }] },
    ]);
    await expect(ada.undo(await lastCommand())).rejects.toMatchObject({ code: "NOT_UNDOABLE" });
  });

  test("writes none without audit, and refuses unknown options", async () => {
    await reconcileSchedules(pool, [declaration(1)]);

    expect(await createQueue(pool).audit()).toEqual([]);
    const wrong = { adit: audit } as never;
    await expect(reconcileSchedules(pool, [], wrong)).rejects.toMatchObject({ code: "INVALID_OPTION" });
    const nobody = { audit: { who: "", via: "x" } };
    await expect(reconcileSchedules(pool, [], nobody)).rejects.toMatchObject({ code: "INVALID_OPTION" });
  });
});
