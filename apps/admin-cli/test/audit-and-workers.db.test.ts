import { type AuditEntry, createQueue, type Queue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { JOB_TABLES, useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { cliOn } from "./cli.ts";

const database = useTestDatabase();
const cli = cliOn(database);
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
});

beforeEach(async () => {
  await pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.job_attempts, millrace.job_queues, millrace.job_schedules,
       millrace.job_schedule_ticks, millrace.audit_log, millrace.workers`,
  );
});

async function audited(argv: readonly string[]): Promise<AuditEntry[]> {
  await pool.query("TRUNCATE millrace.audit_log");
  await cli.text([...argv, "--as", "ada"]);
  return queue.audit();
}

async function queued(options: Parameters<Queue["enqueue"]>[2] = {}): Promise<string> {
  return (await queue.enqueue("send", {}, options)).id;
}

describe("the audit log", () => {
  const LATER = { delayMs: 3_600_000 };

  test.each([
    ["millrace jobs cancel", async () => ["jobs", "cancel", await queued()]],
    ["millrace jobs cancel", async () => ["jobs", "cancel", "--type", "send", "--yes"]],
    ["millrace jobs run-now", async () => ["jobs", "run-now", await queued(LATER)]],
    ["millrace jobs change", async () => ["jobs", "change", await queued(), "--priority", "1"]],
    ["millrace jobs delete", async () => ["jobs", "delete", await queued()]],
    ["millrace queues pause", async () => ["queues", "pause", "mail"]],
    ["millrace queues set", async () => ["queues", "set", "mail", "--timeout", "5m"]],
    [
      "millrace schedules create",
      async () => ["schedules", "create", "x", "--cron", "@daily", "--type", "t"],
    ],
  ])("has a row for %s with who and by what", async (via, argv) => {
    await queued();

    const entries = await audited(await argv());

    expect(entries).toMatchObject([{ who: "ada", via, changed: 1 }]);
  });

  test("a command that only reads or counts writes no row", async () => {
    await queued();

    expect(await audited(["jobs", "list"])).toEqual([]);
    expect(await audited(["jobs", "cancel", "--all", "--dry-run"])).toEqual([]);
  });

  test("without --as, the variable or the user counts", async () => {
    await cli.text(["queues", "pause", "a"], { env: { MILLRACE_ACTOR: "deploy" }, osUser: "root" });
    await cli.text(["queues", "pause", "b"], { osUser: "root" });

    expect((await queue.audit()).map(({ who }) => who)).toEqual(["root", "deploy"]);
  });

  test("is listed, the last change first, page by page", async () => {
    for (const name of ["a", "b", "c"]) await cli.text(["queues", "pause", name], { osUser: "ada" });
    const [last, middle] = await queue.audit();

    const first = await cli.json(["audit", "list", "--limit", "2"]);
    const second = await cli.json(["audit", "list", "--limit", "2", "--before", middle?.id ?? ""]);
    const one = await cli.json(["audit", "list", "--command", last?.commandId ?? ""]);
    const text = await cli.text(["audit", "list", "--limit", "2"]);

    expect(first).toMatchObject({
      entries: [{ id: last?.id, action: "pause" }, { id: middle?.id }],
      next: middle?.id,
    });
    expect(second).toMatchObject({ entries: [{ who: "ada" }], next: null });
    expect((one as { entries: unknown[] }).entries).toHaveLength(1);
    expect(text).toMatch(
      /^WHEN +WHO +VIA +ACTION +CHANGED +FILTER\n(now|\d+ s ago) +ada +millrace queues pause +pause +1 /,
    );
    expect(text).toContain(`\nThere are more: --before ${middle?.id}\n`);
  });

  test("without changes is empty, and people are told so", async () => {
    expect(await cli.text(["audit", "list"])).toBe("No entries.\n");
  });

  test("a change of a schedule has what was there before", async () => {
    await createSchedules(pool).create({ name: "x", cron: "@daily", jobType: "t" });

    const entries = await audited(["schedules", "disable", "x"]);

    expect(entries).toMatchObject([
      { via: "millrace schedules disable", before: [expect.objectContaining({})] },
    ]);
  });
});

describe("workers list", () => {
  test("shows what each worker claims and runs, and which are gone", async () => {
    await pool.query(
      `INSERT INTO millrace.workers (worker_id, queues, types, asleep, seen_at, release, concurrency, paused_at, counts)
       VALUES ('awake', '{default,mail}', '{send}', false, now(), '1.2.3', 10, NULL, '{"completed": 7, "refused": 2}'),
         ('asleep', '{mail}', '{send}', true, now(), NULL, NULL, NULL, '{}'),
         ('paused', '{mail}', '{send}', false, now(), '1.2.3', 5, now(), '{}'),
         ('gone', '{mail}', '{send}', false, now() - interval '1 hour', '1.2.3', 5, now(), '{}')`,
    );
    await queued();
    await queue.runs.claim({ queues: ["default"], workerId: "awake", limit: 1, leaseSeconds: 30 });
    await pool.query("UPDATE millrace.claims SET begun_at = now() - interval '75 seconds'");
    await pool.query("UPDATE millrace.workers SET crashed = 3 WHERE worker_id = 'awake'");

    const document = await cli.json(["workers", "list"]);
    const text = await cli.text(["workers", "list"]);

    const { workers } = document as { workers: { id: string }[] };
    expect(workers.find(({ id }) => id === "awake")).toMatchObject({
      ...{ queues: ["default", "mail"], types: ["send"], alive: true, asleep: false, running: 1 },
      oldestRunAt: expect.any(String),
      ...{ release: "1.2.3", concurrency: 10, pausedAt: null, crashed: 3 },
      counts: { completed: 7, failed: 0, canceled: 0, retried: 0, refused: 2 },
    });
    expect(workers.find(({ id }) => id === "paused")).toMatchObject({ pausedAt: expect.any(String) });
    expect(text).toMatch(/^WORKER +STATE +SEEN +RUNNING +OLDEST +LOST +RELEASE +QUEUES +TYPES$/m);
    expect(text).toMatch(/^awake +awake +(now|\d+ s ago) +1\/10 +1m 1\ds +3\+2 +1\.2\.3 +default,.* +send$/m);
    expect(text).toMatch(/^asleep +asleep +(now|\d+ s ago) +0 +- +0 +- +mail +send$/m);
    expect(text).toMatch(/^paused +paused +(now|\d+ s ago) +0\/5 /m);
    expect(text).toMatch(/^gone +gone +1 h ago +0\/5 /m);
  });

  test("none are told as such", async () => {
    expect(await cli.json(["workers", "list"])).toEqual({ workers: [] });
    expect(await cli.text(["workers", "list"])).toBe("No workers.\n");
  });
});
