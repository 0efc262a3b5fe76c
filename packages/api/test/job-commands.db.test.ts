import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { ACTIONS } from "../src/contract/session.ts";
import { claimed } from "./claimed-jobs.ts";
import { enqueuedBy } from "./enqueued-by.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi({ authorize: () => ({ actions: ACTIONS, who: "ada" }) });
const { send } = fixture;
const enqueued = enqueuedBy(send);

const NOBODY = "00000000-0000-7000-8000-000000000000";

beforeEach(async () => {
  await fixture.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log`);
});

describe("a command on one job", () => {
  test("cancels, retries, runs now, changes and deletes, and each is in the audit log with its sender", async () => {
    const id = await enqueued({ delayMs: 60_000 });
    const step = async (method: string, path: string, body?: object) => {
      const answer = await send(method, `/jobs/${id}${path}`, body);
      return [answer.status, answer.body.result];
    };

    expect(await step("PATCH", "", { priority: 7, tags: ["x"] })).toEqual([200, "changed"]);
    expect(await step("POST", "/run-now", {})).toEqual([200, "queued"]);
    expect(await step("POST", "/cancel", {})).toEqual([200, "canceled"]);
    expect(await step("POST", "/retry", {})).toEqual([200, "queued"]);
    expect(await step("DELETE", "")).toEqual([200, "deleted"]);

    const log = await fixture.queue.audit();
    expect(log.map(({ who, via, action }) => [who, via, action])).toEqual(
      ["deleteMany", "retry", "cancel", "runNow", "change", "enqueue"].map((action) => [
        ...["ada", "millrace api", action],
      ]),
    );
  });

  test("asks a running job to stop", async () => {
    const id = await enqueued({ queue: "running" });
    await claimed(fixture.queue, "running");

    const { body } = await send("POST", `/jobs/${id}/cancel`, {});

    expect(body.result).toBe("cancel-requested");
    expect((await send("GET", `/jobs/${id}`)).body.cancelRequestedAt).not.toBeNull();
  });

  test("retries a completed job, too", async () => {
    const id = await enqueued({ queue: "done" });
    const [run] = await claimed(fixture.queue, "done");
    await fixture.queue.runs.complete([{ id, leaseToken: run?.leaseToken ?? 0, output: '{"n": 1}' }]);
    expect((await send("GET", `/jobs/${id}`)).body).toMatchObject({ state: "completed", output: '{"n": 1}' });

    expect((await send("POST", `/jobs/${id}/retry`, {})).body.result).toBe("queued");
  });

  test.each([
    ["POST", "/cancel", {}],
    ["POST", "/retry", {}],
    ["POST", "/run-now", {}],
    ["POST", "/duplicate", {}],
    ["PATCH", "", { priority: 1 }],
    ["DELETE", "", undefined],
    ["GET", "", undefined],
    ["GET", "/explanation", undefined],
  ])("%s %s of a job that there is not: 404", async (method, path, body) => {
    const { status, body: problem } = await send(method, `/jobs/${NOBODY}${path}`, body);

    expect({ status, code: problem.code }).toEqual({ status: 404, code: "JOB_NOT_FOUND" });
  });

  test("that the state does not allow: 409, and nothing is written", async () => {
    const queued = await enqueued();
    const running = await enqueued({ queue: "running" });
    await claimed(fixture.queue, "running");
    const before = (await fixture.queue.audit()).length;

    for (const [id, method, path, body] of [
      [queued, "POST", "/retry", {}],
      [running, "POST", "/retry", {}],
      [running, "POST", "/run-now", {}],
      [running, "PATCH", "", { priority: 1 }],
      [running, "DELETE", "", undefined],
    ] as const) {
      const answer = await send(method, `/jobs/${id}${path}`, body);
      expect([method, path, answer.status, answer.body.code]).toEqual([method, path, 409, "JOB_STATE"]);
    }
    expect((await fixture.queue.audit()).length).toBe(before);
  });

  test("whose key another job has: 409", async () => {
    await enqueued({ idempotencyKey: "taken" });
    const id = await enqueued();

    const { status, body } = await send("PATCH", `/jobs/${id}`, { idempotencyKey: "taken" });
    expect({ status, code: body.code }).toEqual({ status: 409, code: "DUPLICATE_JOB" });
    const again = await send("POST", "/jobs", { type: "a-job", idempotencyKey: "taken" });
    expect({ status: again.status, result: again.body.result }).toEqual({ status: 200, result: "duplicate" });
  });

  test.each([
    [{}, "change"],
    [{ priority: 40_000 }, "priority"],
    [{ delayMs: 1, runAt: "2031-01-01T00:00:00Z" }, "delayMs"],
    [{ state: "completed" }, "state"],
    [{ maxAttempts: 0 }, "maxAttempts"],
    [{ tags: ["x".repeat(101)] }, "tags"],
  ])("a change by %j is refused, and names the field", async (change, field) => {
    const id = await enqueued();

    const { status, body } = await send("PATCH", `/jobs/${id}`, change);

    expect({ status, field: body.field }).toEqual({ status: 400, field: expect.stringContaining(field) });
  });
});

test("a request of any kind changes nothing by GET", async () => {
  const id = await enqueued();

  for (const path of [`/jobs/${id}/cancel`, `/jobs/${id}/retry`, "/bulk/delete", "/audit/x/undo"]) {
    expect((await send("GET", path)).status).toBe(405);
  }
  expect((await fixture.queue.get(id)).state).toBe("queued");
});
