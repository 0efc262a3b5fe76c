import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { jobDetail, jobPage } from "../src/contract/job.ts";
import { failed } from "./claimed-jobs.ts";
import { enqueuedBy } from "./enqueued-by.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi();
const { send } = fixture;
const enqueued = enqueuedBy(send);

/** Texts that would do harm where somebody takes them for code. */
const HARMFUL = [
  "'; DROP TABLE millrace.waiting_jobs; --",
  "$1 \\' || (SELECT 1)",
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "%27%22%3B--",
  "../../etc/passwd",
  "__proto__",
  "ä\u{1F600}\u202E",
];

beforeEach(async () => {
  await fixture.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log`);
});

describe("texts are data", () => {
  test.each(HARMFUL)("%j in every field comes back as it was sent", async (text) => {
    const job = {
      type: text,
      queue: text,
      payload: JSON.stringify({ [text]: text }),
      idempotencyKey: text,
      tags: [text],
      metadata: JSON.stringify({ [text]: [text] }),
    };
    const id = await enqueued(job);

    const { body } = await send("GET", `/jobs/${id}`);

    expect(jobDetail.parse(body)).toMatchObject({
      type: text,
      queue: text,
      idempotencyKey: text,
      tags: [text],
    });
    expect(JSON.parse(body.payload)).toEqual(JSON.parse(job.payload));
    expect(JSON.parse(body.metadata)).toEqual(JSON.parse(job.metadata));
    expect((await fixture.queue.list()).map((each) => each.id)).toEqual([id]);
  });

  test.each(HARMFUL)("%j in every filter finds the job with this text, and no other", async (text) => {
    await enqueued();
    const id = await enqueued({
      ...{
        type: text,
        queue: text,
        tags: [text],
        idempotencyKey: text,
        payload: JSON.stringify({ note: text }),
      },
    });
    const filters = {
      type: text,
      queue: text,
      tag: text,
      idempotencyKey: text,
      payloadContains: JSON.stringify({ note: text }),
    };

    for (const [name, value] of Object.entries(filters)) {
      const { status, body } = await send("GET", `/jobs?${new URLSearchParams({ [name]: value })}`);
      expect([name, status]).toEqual([name, 200]);
      expect([name, jobPage.parse(body).jobs.map((job) => job.id)]).toEqual([name, [id]]);
      const count = await send("GET", `/jobs/count?${new URLSearchParams({ [name]: value })}`);
      expect([name, count.body]).toEqual([name, { count: 1, capped: false }]);
    }
  });

  test.each(["a\u0000b", "\uD800"])(
    "%j, which PostgreSQL cannot store, is refused by the name of its field",
    async (text) => {
      for (const field of ["type", "queue", "idempotencyKey"]) {
        const { status, body } = await send("POST", "/jobs", { type: "a-job", [field]: text });
        expect([field, status, body.field]).toEqual([field, 400, field]);
      }
      const payload = JSON.stringify({ note: text });
      expect(await send("POST", "/jobs", { type: "a-job", payload })).toMatchObject({ status: 400 });
    },
  );
});

describe("a job's JSON is sent and taken as text", () => {
  test("no number is rounded, on the way in or out, or in a duplicate", async () => {
    const payload = '{"id": 12345678901234567890, "amount": 0.10000000000000000001}';
    const id = await enqueued({ payload });
    const copy = await send("POST", `/jobs/${id}/duplicate`, {});

    for (const each of [id, copy.body.id]) {
      expect((await send("GET", `/jobs/${each}`)).body.payload).toBe(payload);
    }
    await send("PATCH", `/jobs/${id}`, { payload: payload.replace("12345", "98765") });
    expect((await send("GET", `/jobs/${id}`)).body.payload).toBe(payload.replace("12345", "98765"));
  });

  test("a list has the beginning of a small payload, and nothing of a large one", async () => {
    await enqueued({ payload: JSON.stringify({ text: "x".repeat(3_000) }) });
    await enqueued({ payload: JSON.stringify({ text: "ab".repeat(200) }) });

    const { body } = await send("GET", "/jobs");

    expect(body.jobs.map((job: { payloadPreview: string }) => job.payloadPreview)).toEqual([
      `{"text": "${"ab".repeat(95)}`,
      null,
    ]);
  });

  test.each([
    ["payload", '{"a": '],
    ["metadata", "[]"],
    ["metadata", "7"],
    ["metadata", "{'a': 1}"],
  ])("a %s of %s is refused", async (field, text) => {
    const { status, body } = await send("POST", "/jobs", { type: "a-job", [field]: text });

    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });
});

describe("a list of jobs", () => {
  test("goes on page by page, in both orders, until all jobs were there once", async () => {
    const ids: string[] = [];
    for (let number = 0; number < 7; number += 1) ids.push(await enqueued({ delayMs: number * 1_000 }));

    for (const [order, expected] of [
      ["newest", [...ids].reverse()],
      ["oldest-due", ids],
    ] as const) {
      const seen: string[] = [];
      let next: string | null = null;
      do {
        const query = new URLSearchParams({ order, limit: "3", ...(next === null ? {} : { cursor: next }) });
        const { body } = await send("GET", `/jobs?${query}`);
        seen.push(...jobPage.parse(body).jobs.map(({ id }) => id));
        next = body.next;
      } while (next !== null);
      expect(seen).toEqual(expected);
    }
  });

  test.each([
    "x",
    "AAAA",
    "eyJ9",
    Buffer.from('{"order":"newest","before":"x"}').toString("base64url"),
    "=",
    "é",
  ])("does not begin at the cursor %j", async (cursor) => {
    const { status, body } = await send("GET", `/jobs?${new URLSearchParams({ cursor })}`);

    expect({ status, code: body.code, field: body.field }).toEqual({
      ...{ status: 400, code: "INVALID_CURSOR", field: "cursor" },
    });
  });

  test("does not begin at a cursor of another order", async () => {
    await enqueued();
    await enqueued();
    const { body } = await send("GET", "/jobs?limit=1");

    const other = await send("GET", `/jobs?order=oldest-due&cursor=${body.next}`);
    expect({ status: other.status, code: other.body.code }).toEqual({ status: 400, code: "INVALID_CURSOR" });
  });

  test.each([
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["state=lost", "state"],
    ["queue=", "queue"],
    ["colour=red", "colour"],
    ["id=7", "id.0"],
    ["createdAfter=yesterday", "createdAfter"],
    ["createdAfter=0000-01-01T00:00:00Z", "createdAfter"],
    ["payloadContains={", "payloadContains"],
    ["idPrefix=zzzz", "idPrefix"],
    ["state=failed&order=oldest-due", "state"],
  ])("with %s is refused, and names the field", async (query, field) => {
    const { status, body } = await send("GET", `/jobs?${query}`);

    expect({ status, field: body.field }).toEqual({ status: 400, field });
  });

  test("finds jobs by their ids and by all of their tags", async () => {
    const first = await enqueued({ tags: ["a", "b"] });
    const second = await enqueued({ tags: ["a"] });
    await enqueued();
    const idsOf = async (query: string) =>
      (await send("GET", `/jobs?${query}`)).body.jobs.map((job: { id: string }) => job.id);

    expect(await idsOf(`id=${first}&id=${second}`)).toEqual([second, first]);
    expect(await idsOf("tag=a&tag=b")).toEqual([first]);
  });
});

describe("a failed job", () => {
  test("is told with its attempts, its error and why", async () => {
    const id = await failed(
      fixture.queue,
      "failing",
      "Error: no route to 10.0.0.7\n    at send (mail.ts:1:1)",
    );

    const { body } = await send("GET", `/jobs/${id}`);

    expect(jobDetail.parse(body)).toMatchObject({
      ...{ id, state: "failed", queue: "failing", lastError: "Error: no route to 10.0.0.7", redacted: [] },
      error: expect.stringContaining("mail.ts:1:1"),
      attemptsMade: [{ attempt: 1, workerId: "a-worker", outcome: "failed" }],
      finishedAt: body.updatedAt,
    });
    const { body: why } = await send("GET", `/jobs/${id}/explanation`);
    expect(why.reasons[0]).toMatchObject({ code: "failed", attempts: 1 });
    const { body: failures } = await send("GET", "/jobs/failures?queue=failing");
    expect(failures).toMatchObject({ complete: true, groups: [{ type: "a-job", count: 1, exampleId: id }] });
  });
});
