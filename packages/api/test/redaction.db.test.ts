import { createQueue } from "@millrace/queue";
import { JOB_TABLES } from "@millrace/testpg/vitest";
import { beforeEach, describe, expect, test } from "vitest";
import { jobDetail } from "../src/contract/job.ts";
import { claimed } from "./claimed-jobs.ts";
import { useApi } from "./use-api.ts";

const fixture = useApi({ redact: ["card.number", "items.*.secret", "**.password"] });
const { send } = fixture;

const SECRET = "4111-1111-1111-1111";
const JSON_WITH_SECRETS = {
  card: { number: SECRET, type: "visa" },
  items: [{ secret: SECRET }, { open: 1 }],
  user: { deep: [{ password: SECRET }] },
};
const PAYLOAD = JSON.stringify(JSON_WITH_SECRETS);
const HITS = ["card.number", "items.*.secret", "**.password"];

beforeEach(async () => {
  await fixture.pool.query(`TRUNCATE ${JOB_TABLES}, millrace.audit_log`);
});

/** Every answer to a GET about jobs and the audit log, as one text. */
async function everything(): Promise<string> {
  const answers = [
    await send("GET", "/jobs"),
    await send("GET", "/audit"),
    await send("GET", "/jobs/failures"),
  ];
  for (const { id } of answers[0]?.body.jobs ?? []) {
    answers.push(await send("GET", `/jobs/${id}`), await send("GET", `/jobs/${id}/explanation`));
  }
  for (const { status } of answers) expect(status).toBe(200);
  return JSON.stringify(answers.map(({ body }) => body));
}

describe("a redacted value is never sent", () => {
  test("in the payload and the metadata of a job, its preview, and the audit log of its changes", async () => {
    const { body } = await send("POST", "/jobs", { type: "a-job", payload: PAYLOAD, metadata: PAYLOAD });
    // By the library, which redacts nothing: the log has the payload before and after.
    const audited = createQueue(fixture.pool, { audit: { who: "ada", via: "a test" } });
    await audited.change(body.id, { payload: { ...JSON_WITH_SECRETS, n: 1 }, metadata: JSON_WITH_SECRETS });
    await audited.retryMany({ payloadContains: { card: { number: SECRET } } });
    await audited.cancelMany({ payloadContains: { card: { number: SECRET } } });

    expect(await everything()).not.toContain(SECRET);
    const job = jobDetail.parse((await send("GET", `/jobs/${body.id}`)).body);
    expect(job.redacted).toEqual(HITS);
    expect(JSON.parse(job.payload)).toEqual({
      card: { number: "[redacted]", type: "visa" },
      items: [{ secret: "[redacted]" }, { open: 1 }],
      user: { deep: [{ password: "[redacted]" }] },
      n: 1,
    });
    const { entries } = (await send("GET", "/audit")).body;
    expect(entries.map((entry: { action: string }) => entry.action)).toEqual([
      "cancelMany",
      "change",
      "enqueue",
    ]);
    expect(entries[1].before[0].payload.card).toEqual({ number: "[redacted]", type: "visa" });
    expect(entries[0].filter.payloadContains.card).toEqual({ number: "[redacted]" });
  });

  test("in the output and the progress of a job", async () => {
    const { id } = await fixture.queue.enqueue("a-job", {}, { queue: "redacted" });
    const [run] = await claimed(fixture.queue, "redacted");
    const lease = { id, leaseToken: run?.leaseToken ?? 0 };
    await fixture.pool.query("UPDATE millrace.claims SET progress = ARRAY[$1::jsonb]", [PAYLOAD]);
    const running = await send("GET", `/jobs/${id}`);
    expect(JSON.parse(running.body.progress).card).toEqual({ number: "[redacted]", type: "visa" });

    await fixture.queue.runs.complete([{ ...lease, output: PAYLOAD }]);

    expect(await everything()).not.toContain(SECRET);
    const { body } = await send("GET", `/jobs/${id}`);
    expect(JSON.parse(body.output).items).toEqual([{ secret: "[redacted]" }, { open: 1 }]);
    expect(body.redacted).toEqual(HITS);
  });

  test("in the payload of a dead letter, which has that of the failed job below a key", async () => {
    const settings = { queue: "mourned", maxAttempts: 1, deadLetter: { type: "a-letter" } };
    await fixture.queue.enqueue("a-job", JSON_WITH_SECRETS, settings);
    const runs = await claimed(fixture.queue, "mourned");
    await fixture.queue.runs.fail(runs.map((run) => ({ ...run, error: "Error: no", retryInMs: null })));

    expect(await everything()).not.toContain(SECRET);
    const [letter] = (await send("GET", "/jobs?type=a-letter")).body.jobs;
    const job = (await send("GET", `/jobs/${letter.id}`)).body;
    expect(JSON.parse(job.payload).payload.card).toEqual({ number: "[redacted]", type: "visa" });
    expect(job.redacted).toEqual(HITS);
  });

  test("in schedules, and in what the audit log has of them", async () => {
    const schedule = { name: "nightly", jobType: "a-job", cron: "0 2 * * *", payload: PAYLOAD };
    expect((await send("POST", "/schedules", schedule)).status).toBe(200);
    await send("PATCH", "/schedules/nightly", { priority: 3 });
    await send("POST", "/schedules/nightly/disable", {});

    const answers = [await send("GET", "/schedules"), await send("GET", "/schedules/nightly")];
    await send("DELETE", "/schedules/nightly");
    answers.push(await send("GET", "/audit"));

    for (const { status } of answers) expect(status).toBe(200);
    expect(JSON.stringify(answers.map(({ body }) => body))).not.toContain(SECRET);
    expect(JSON.parse(answers[1]?.body.payload).card).toEqual({ number: "[redacted]", type: "visa" });
    expect(answers[2]?.body.entries.map((entry: { action: string }) => entry.action)).toEqual([
      ...["schedules.delete", "schedules.disable", "schedules.update", "schedules.create"],
    ]);
  });

  test("in what an undo would need: the output of a completed job that was retried", async () => {
    const { id } = await fixture.queue.enqueue("a-job", {}, { queue: "redacted" });
    const [run] = await claimed(fixture.queue, "redacted");
    await fixture.queue.runs.complete([{ id, leaseToken: run?.leaseToken ?? 0, output: PAYLOAD }]);
    await send("POST", `/jobs/${id}/retry`, {});

    const { entries } = (await send("GET", "/audit")).body;

    expect(entries[0]).toMatchObject({ action: "retry", before: [{ id, state: "completed" }] });
    expect(JSON.parse(entries[0].before[0].output).card).toEqual({ number: "[redacted]", type: "visa" });
    expect(JSON.stringify(entries)).not.toContain(SECRET);
  });

  test("by a cut in a preview: it is cut after it was redacted", async () => {
    const payload = JSON.stringify({ a: "x".repeat(180), card: { number: SECRET } });
    await send("POST", "/jobs", { type: "a-job", payload });

    const { body } = await send("GET", "/jobs");

    expect(body.jobs[0].payloadPreview).toHaveLength(200);
    expect(body.jobs[0].payloadPreview).not.toContain("4111");
  });

  test("by a payload that is too long to be redacted: nothing of it is shown", async () => {
    const payload = JSON.stringify({ ...JSON_WITH_SECRETS, long: "x".repeat(2_100_000) });
    const { body } = await send("POST", "/jobs", { type: "a-job", payload });

    const { body: job } = await send("GET", `/jobs/${body.id}`);

    expect({ payload: job.payload, redacted: job.redacted }).toEqual({
      payload: '"[redacted]"',
      redacted: HITS,
    });
  });
});

describe("a filter cannot be used to guess a redacted value", () => {
  test.each([
    [{ card: { number: SECRET } }],
    [{ card: { number: "4111" }, n: 1 }],
    [{ items: [{ secret: SECRET }] }],
    [{ user: { deep: [{ password: SECRET }] } }],
    [{ password: null }],
    [{ payload: { card: { number: SECRET } } }],
  ])("by %j: lists, counts and commands refuse it", async (contained) => {
    await send("POST", "/jobs", { type: "a-job", payload: PAYLOAD });
    const payloadContains = JSON.stringify(contained);
    const query = new URLSearchParams({ payloadContains });

    for (const answer of [
      await send("GET", `/jobs?${query}`),
      await send("GET", `/jobs/count?${query}`),
      await send("POST", "/bulk/cancel", { filter: { payloadContains }, dryRun: true }),
    ]) {
      expect({ status: answer.status, code: answer.body.code, field: answer.body.field }).toEqual({
        ...{ status: 400, code: "REDACTED_FILTER", field: "payloadContains" },
      });
      expect(answer.body.detail).not.toContain("4111");
    }
  });

  test("by any other value, it works as ever", async () => {
    const { body } = await send("POST", "/jobs", { type: "a-job", payload: PAYLOAD });
    const query = new URLSearchParams({ payloadContains: '{"card": {"type": "visa"}}' });

    expect((await send("GET", `/jobs?${query}`)).body.jobs).toMatchObject([{ id: body.id }]);
  });
});

describe("a job with a redacted value", () => {
  test("cannot get another payload or metadata, but any other change, and a duplicate with the values", async () => {
    const { body } = await send("POST", "/jobs", { type: "a-job", payload: PAYLOAD, metadata: PAYLOAD });
    const change = (fields: object) => send("PATCH", `/jobs/${body.id}`, fields);

    for (const fields of [{ payload: "{}" }, { metadata: "{}" }, { payload: "{}", priority: 1 }]) {
      const answer = await change(fields);
      expect({ status: answer.status, code: answer.body.code }).toEqual({
        status: 409,
        code: "JOB_REDACTED",
      });
    }
    expect((await change({ priority: 1 })).status).toBe(200);
    const copy = await send("POST", `/jobs/${body.id}/duplicate`, {});
    expect((await fixture.queue.get(copy.body.id)).payload).toEqual(JSON_WITH_SECRETS);
    expect((await fixture.queue.get(body.id)).payload).toEqual(JSON_WITH_SECRETS);
  });

  test("without any redacted value, it can be changed", async () => {
    const { body } = await send("POST", "/jobs", { type: "a-job", payload: '{"open": 1}' });

    expect((await send("PATCH", `/jobs/${body.id}`, { payload: '{"open": 2}' })).status).toBe(200);
  });
});

test("the session tells which paths are redacted", async () => {
  expect((await send("GET", "/session")).body.redact).toEqual(HITS);
});
