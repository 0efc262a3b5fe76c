import { systemClock } from "@millrace/base";
import { heldClock, waitFor } from "@millrace/testpg";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { type BULK_ACTIONS, bulkAnswer } from "../src/contract/bulk.ts";
import type { Api } from "../src/create-api.ts";
import { failed } from "./claimed-jobs.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi({ authorize: () => "all", who: "ada" });
const { open, send } = fixture;

beforeEach(async () => {
  await fixture.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log`);
});

const enqueueMany = (count: number, job: object = {}) =>
  fixture.queue.enqueueMany(Array.from({ length: count }, () => ({ type: "a-job", ...job })));

/** Sends a command until it is done, as a client does. Returns the answers. */
async function untilDone(action: (typeof BULK_ACTIONS)[number], body: object, to: Api = fixture.api) {
  const answers = [];
  let more: object = {};
  for (;;) {
    const { status, body: sent } = await send("POST", `/bulk/${action}`, { ...body, ...more }, { to });
    expect(status).toBe(200);
    const answer = bulkAnswer.parse(sent);
    answers.push(answer);
    if (answer.done) return answers;
    const { after, commandId } = answer;
    more = { ...(after === null ? {} : { after }), ...(commandId === null ? {} : { commandId }) };
  }
}

const countOf = async (state: string) => (await send("GET", `/jobs/count?state=${state}`)).body.count;

describe("a command on many jobs", () => {
  test("goes on over several requests to the end, as one command, and can be undone as a whole", async () => {
    await enqueueMany(1_300);

    const answers = await untilDone("cancel", { filter: { type: "a-job" }, limit: 500 });

    expect(answers.map(({ changed, done }) => [changed, done])).toEqual([
      [500, false],
      [500, false],
      [300, true],
    ]);
    expect(await countOf("canceled")).toBe(1_300);
    const [commandId, ...others] = [...new Set(answers.map((answer) => answer.commandId))];
    expect(others).toEqual([]);
    const { body: log } = await send("GET", `/audit?commandId=${commandId}`);
    expect(log.entries.length).toBeGreaterThan(2);
    expect(log.entries[0]).toMatchObject({ who: "ada", via: "millrace api", action: "cancelMany" });
    const undo = await send("POST", `/audit/${commandId}/undo`, {});
    expect({ status: undo.status, body: undo.body }).toEqual({
      status: 200,
      body: { restored: 1_300, left: 0 },
    });
    expect(await countOf("queued")).toBe(1_300);
  });

  test("stops between two steps after a second, by the clock of the API", async () => {
    await enqueueMany(1_700);
    const clock = heldClock((ms) => ms === 1_000);
    const api = open({ clock });
    // Each step writes a row of the audit log. The second row waits until the test lets it.
    await fixture.pool.query(`
      CREATE FUNCTION pg_temp_hold() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF (SELECT count(*) FROM millrace.audit_log WHERE command_id = NEW.command_id) = 2 THEN
          PERFORM pg_advisory_xact_lock(7);
        END IF;
        RETURN NULL;
      END $$;
      CREATE TRIGGER hold AFTER INSERT ON millrace.audit_log FOR EACH ROW EXECUTE FUNCTION pg_temp_hold()`);
    const holder = await fixture.pool.connect();
    await holder.query("SELECT pg_advisory_lock(7)");

    const first = send("POST", "/bulk/delete", { filter: { all: true } }, { to: api });
    await waitFor(
      async () => {
        const { rows } = await fixture.pool.query(
          "SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 7 AND NOT granted",
        );
        return rows.length > 0;
      },
      { description: "the second step to wait" },
    );
    expect(clock.pass(1_000)).toBe(1);
    await holder.query("SELECT pg_advisory_unlock(7)");
    holder.release();

    const { body: answer } = await first;
    expect(answer).toMatchObject({ changed: 1_000, done: false, commandId: expect.any(String) });
    await fixture.pool.query("DROP TRIGGER hold ON millrace.audit_log; DROP FUNCTION pg_temp_hold");
    const { after, commandId } = answer;
    const rest = { filter: { all: true }, after, commandId };
    const last = await send("POST", "/bulk/delete", rest, { to: api });
    expect(last.body).toMatchObject({ changed: 700, done: true, commandId });
  });

  test("that is a dry run counts in bounded requests, too, and changes nothing", async () => {
    await enqueueMany(700);

    const answers = await untilDone("cancel", { filter: { all: true }, dryRun: true, limit: 400 });

    expect(answers.map(({ changed, commandId }) => [changed, commandId])).toEqual([
      [400, null],
      [300, null],
    ]);
    expect(await countOf("queued")).toBe(700);
    expect((await send("GET", "/audit")).body.entries).toEqual([]);
  });

  test("changes the failed jobs of one kind, and no other", async () => {
    for (let number = 0; number < 5; number += 1) {
      await failed(fixture.queue, "mail", `Error: time-out after ${number} ms`);
      await failed(fixture.queue, "mail", `Error: no such user "${number}"`);
    }
    const { groups } = (await send("GET", "/jobs/failures")).body;
    const kind = groups.find((group: { error: string }) => group.error.includes("time-out"));
    const filter = { kind: { type: kind.type, queue: kind.queue, fingerprint: kind.fingerprint } };

    const [dry] = await untilDone("retry", { filter, dryRun: true });
    const answers = await untilDone("retry", { filter, limit: 2 });

    expect(dry).toMatchObject({ changed: 5, done: true, commandId: null });
    expect(answers.reduce((sum, { changed }) => sum + changed, 0)).toBe(5);
    expect(new Set(answers.map(({ commandId }) => commandId)).size).toBe(1);
    expect(await countOf("failed")).toBe(5);
    const left = (await send("GET", "/jobs?state=failed")).body.jobs;
    expect(left.every((job: { lastError: string }) => job.lastError.includes("no such user"))).toBe(true);
  });

  test("runs jobs now, and says how many running ones it asked to stop", async () => {
    await enqueueMany(3, { delayMs: 60_000, queue: "later" });

    const [now] = await untilDone("run-now", { filter: { queue: "later" } });
    expect(now).toMatchObject({ changed: 3, done: true });
    await fixture.queue.runs.claim({ workerId: "a-worker", queues: ["later"], limit: 2, leaseSeconds: 60 });
    const [canceled] = await untilDone("cancel", { filter: { queue: "later" } });
    expect(canceled).toMatchObject({ changed: 1, cancelRequested: 2, done: true });
  });

  test.each([
    [{}, "filter"],
    [{ filter: {} }, "filter"],
    [{ filter: { all: false } }, "filter.all"],
    [{ filter: { all: true, queue: "mail" } }, "filter.queue"],
    [{ filter: { colour: "red" } }, "filter.colour"],
    [{ filter: { all: true }, limit: 10_001 }, "limit"],
    [{ filter: { all: true }, after: "x" }, "after"],
    [{ filter: { kind: { type: "t", queue: "q" } } }, "filter.kind"],
    [{ filter: { kind: { type: "t", queue: "q", fingerprint: "" } } }, "kind.fingerprint"],
    [{ filter: { state: "completed" } }, "state"],
  ])("by %j is refused, and names the field", async (body, field) => {
    await enqueueMany(1);

    const answer = await send("POST", "/bulk/cancel", body);

    expect({ status: answer.status, field: answer.body.field }).toEqual({ status: 400, field });
    expect(await countOf("queued")).toBe(1);
  });

  test("is not added to the command of somebody else, whose undo would undo it", async () => {
    await enqueueMany(2);
    const [theirs] = await untilDone("cancel", { filter: { all: true }, limit: 2 });
    const api = open({ authorize: () => ({ actions: ["jobs.retry"], who: "bob" }) });

    const body = { filter: { all: true }, commandId: theirs?.commandId };
    const answer = await send("POST", "/bulk/retry", body, { to: api });

    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 403,
      code: "FOREIGN_COMMAND",
    });
    expect(await countOf("canceled")).toBe(2);
  });

  test.each(["retry", "run-now", "delete"] as const)(
    "is not added to a command that does something else: a %s to a cancel, whose undo it would allow",
    async (action) => {
      await enqueueMany(2);
      const [theirs] = await untilDone("cancel", { filter: { all: true } });
      // Whoever gives commands has the same name in the audit log, as with an access without a name.
      const api = open({ authorize: () => ({ actions: [`jobs.${action}`] }) });
      const { commandId } = theirs ?? {};

      const answer = await send("POST", `/bulk/${action}`, { filter: { all: true }, commandId }, { to: api });

      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 403,
        code: "FOREIGN_COMMAND",
      });
      expect(answer.body.detail).toContain("is a cancelMany");
      expect(await countOf("canceled")).toBe(2);
      expect((await send("POST", `/audit/${commandId}/undo`, {}, { to: api })).status).toBe(403);
    },
  );

  test.each([{ all: true }, { kind: { type: "a-job", queue: "default", fingerprint: "(no error text)" } }])(
    "on %j that comes to no step within its second is not answered as if it went on",
    async (filter) => {
      await enqueueMany(1);
      const clock = {
        ...systemClock,
        after(ms: number, callback: () => void) {
          if (ms !== 1_000) return systemClock.after(ms, callback);
          callback();
          return () => undefined;
        },
      };

      const { status, body } = await send("POST", "/bulk/cancel", { filter }, { to: open({ clock }) });

      expect({ status, code: body.code }).toEqual({ status: 503, code: "DATABASE_SLOW" });
      expect(await countOf("queued")).toBe(1);
    },
  );

  test("that has been undone does not go on", async () => {
    await enqueueMany(4);
    const { body: first } = await send("POST", "/bulk/cancel", { filter: { all: true }, limit: 2 });
    await send("POST", `/audit/${first.commandId}/undo`, {});

    const { after, commandId } = first;
    const answer = await send("POST", "/bulk/cancel", { filter: { all: true }, after, commandId });

    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 409,
      code: "COMMAND_UNDONE",
    });
    expect(await countOf("queued")).toBe(4);
  });
});
