import { randomUUID } from "node:crypto";
import { createQueue } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { auditPage } from "../src/contract/audit.ts";
import type { Action } from "../src/contract/session.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi();
const { open, send } = fixture;

beforeEach(async () => {
  await fixture.pool.query(
    `TRUNCATE ${JOB_TABLES}, millrace.audit_log, millrace.job_queues, millrace.job_schedules CASCADE`,
  );
});

describe("the audit log", () => {
  test("is read page by page, the newest first, and for one command", async () => {
    const audited = createQueue(fixture.pool, { audit: { who: "ada", via: "a test" } });
    for (let number = 0; number < 5; number += 1) await audited.pause(`queue-${number}`);

    const seen: string[] = [];
    let next: string | null = null;
    do {
      const { body } = await send("GET", `/audit?limit=2${next === null ? "" : `&cursor=${next}`}`);
      seen.push(...auditPage.parse(body).entries.map((entry) => JSON.stringify(entry.filter)));
      next = body.next;
    } while (next !== null);

    expect(seen).toEqual([4, 3, 2, 1, 0].map((number) => `{"name":"queue-${number}"}`));
    const { entries } = (await send("GET", "/audit")).body;
    const { body: one } = await send("GET", `/audit?commandId=${entries[2].commandId}`);
    expect(one).toEqual({ entries: [entries[2]], next: null });
    expect(entries[2]).toMatchObject({ who: "ada", via: "a test", action: "pause", changed: 1 });
  });

  test("has the first 20 of what a command changed", async () => {
    await fixture.queue.enqueueMany(Array.from({ length: 30 }, () => ({ type: "a-job" })));
    await send("POST", "/bulk/cancel", { filter: { all: true } });

    const { entries } = (await send("GET", "/audit")).body;

    expect(entries[0]).toMatchObject({ changed: 30, undoUntil: expect.any(String) });
    expect(entries[0].before).toHaveLength(20);
  });

  test("has no long payload, but how long it is", async () => {
    const { id } = await fixture.queue.enqueue("a-job", {});
    await send("PATCH", `/jobs/${id}`, { payload: JSON.stringify({ text: "x".repeat(100_000) }) });
    await send("PATCH", `/jobs/${id}`, { payload: "{}" });

    const { entries } = (await send("GET", "/audit")).body;

    expect(entries[0].before).toEqual([{ omittedBytes: expect.any(Number) }]);
    expect(entries[1].filter).toEqual({ omittedBytes: expect.any(Number) });
  });

  test.each([
    "x",
    Buffer.from('{"before":7}').toString("base64url"),
    Buffer.from("{}").toString("base64url"),
  ])("does not begin at the cursor %j", async (cursor) => {
    const { status, body } = await send("GET", `/audit?cursor=${cursor}`);

    expect({ status, code: body.code }).toEqual({ status: 400, code: "INVALID_CURSOR" });
  });
});

/** The kinds of commands that can be undone: the action that the undo needs, and what such a command does. */
const UNDOABLE: readonly [needed: Action, does: string][] = [
  ["jobs.cancel", "cancels a job"],
  ["jobs.retry", "retries a job"],
  ["jobs.run-now", "runs a job now"],
  ["jobs.change", "changes a job"],
  ["queues.pause", "pauses a queue"],
  ["queues.change", "sets a queue"],
  ["schedules.change", "disables a schedule"],
];

/** Gives a command by the API, whose sender may do everything, and returns its id. */
async function given(needed: Action): Promise<string> {
  const { id } = await fixture.queue.enqueue("a-job", {}, { delayMs: 60_000 });
  switch (needed) {
    case "jobs.cancel":
      return (await send("POST", `/jobs/${id}/cancel`, {})).body.commandId;
    case "jobs.retry":
      await fixture.queue.cancel(id);
      return (await send("POST", `/jobs/${id}/retry`, {})).body.commandId;
    case "jobs.run-now":
      return (await send("POST", `/jobs/${id}/run-now`, {})).body.commandId;
    case "jobs.change":
      return (await send("PATCH", `/jobs/${id}`, { priority: 7 })).body.commandId;
    case "queues.pause":
      await send("POST", "/queues/mail/pause", {});
      break;
    case "queues.change":
      await send("PUT", "/queues/mail/settings", { settings: { timeoutMs: 1_000 } });
      break;
    default:
      await createSchedules(fixture.pool).create({ name: "nightly", jobType: "a-job", cron: "0 2 * * *" });
      await send("POST", "/schedules/nightly/disable", {});
  }
  return (await send("GET", "/audit?limit=1")).body.entries[0].commandId;
}

describe("an undo", () => {
  test.each(UNDOABLE)(
    "needs the action that the command needed: %s, of a command that %s",
    async (needed) => {
      const commandId = await given(needed);
      const undoBy = (action: Action) =>
        send(
          "POST",
          `/audit/${commandId}/undo`,
          {},
          { to: open({ authorize: () => ({ actions: [action] }) }) },
        );

      for (const [other] of UNDOABLE.filter(([action]) => action !== needed)) {
        const { status, body } = await undoBy(other);
        expect([other, status, body.code]).toEqual([other, 403, "FORBIDDEN"]);
      }
      const { status, body } = await undoBy(needed);
      expect({ status, body }).toEqual({ status: 200, body: { restored: 1, left: 0 } });
      const again = await undoBy(needed);
      expect({ status: again.status, code: again.body.code }).toEqual({ status: 409, code: "NOT_UNDOABLE" });
    },
  );

  test("of a command that there is not: 404; of one that cannot be undone: 409", async () => {
    const none = await send("POST", `/audit/${randomUUID()}/undo`, {});
    expect({ status: none.status, code: none.body.code }).toEqual({ status: 404, code: "COMMAND_NOT_FOUND" });
    await send("POST", "/jobs", { type: "a-job" });
    const { entries } = (await send("GET", "/audit")).body;
    expect(entries[0]).toMatchObject({ action: "enqueue", undoUntil: null });

    const { status, body } = await send("POST", `/audit/${entries[0].commandId}/undo`, {});
    expect({ status, code: body.code }).toEqual({ status: 409, code: "NOT_UNDOABLE" });
  });
});
