import { useTestDatabase } from "@millrace/testpg/vitest";
import { SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { Cancel, createQueue, Fatal, type Queue, Snooze } from "../../src/index.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";
import { runTask } from "../run-worker.ts";
import { enqueueTraced, linksOf, runsAmong, tracedTask } from "./traced-task.ts";
import { useTracing } from "./use-tracing.ts";

const database = useTestDatabase();
const tracing = useTracing();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool, { telemetry: openTelemetry() });
});

/** The spans of the runs, in the order of their ends. */
const runs = () => runsAmong(tracing.spans());

describe("the span of a run", () => {
  test("is a child of the enqueue's span, and the handler's own spans and enqueues are its children", async () => {
    await using task = tracedTask(pool, async (_payload, context) => {
      trace.getTracer("app").startSpan("query").end();
      await context.enqueue("next", {}, { queue: "nobody" });
      return 7;
    });
    const { queue: name } = await queue.get(await task.enqueue({}, { delayMs: 3_600_000 }));
    const { result } = await tracing.inSpan(() => queue.enqueue(name, {}, { queue: name }));
    await task.told("job-completed", result.id);

    const producer = tracing.span(`enqueue ${name}`).spanContext();
    const span = tracing.span(`process ${name}`);
    expect(span.kind).toBe(SpanKind.CONSUMER);
    expect(span.parentSpanContext?.spanId).toBe(producer.spanId);
    expect(span.spanContext().traceId).toBe(producer.traceId);
    expect(span.links.map(({ context }) => context.spanId)).toEqual([producer.spanId]);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      "messaging.system": "millrace",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": name,
      "messaging.message.id": result.id,
      "messaging.client.id": task.worker.workerId,
      "messaging.millrace.job.type": name,
      "messaging.millrace.job.attempt": 1,
      "messaging.millrace.job.crashes": 0,
      "messaging.millrace.outcome": "complete",
    });
    const { spanId } = span.spanContext();
    expect(tracing.span("query").parentSpanContext?.spanId).toBe(spanId);
    expect(tracing.span("enqueue nobody").parentSpanContext?.spanId).toBe(spanId);
    const [next] = await queue.list({ type: "next", limit: 1 });
    expect(next?.traceContext?.traceparent).toContain(tracing.span("enqueue nobody").spanContext().spanId);
  });

  test("begins a trace of its own, with a link, when the job was enqueued more than half a minute ago", async () => {
    await using task = tracedTask(pool, () => undefined);
    const { id, traceId } = await enqueueTraced(task, { delayMs: 3_600_000 });
    await pool.query(
      "UPDATE millrace.waiting_jobs SET created_at = created_at - interval '1 minute', run_at = now() WHERE id = $1",
      [id],
    );
    await task.told("job-completed", id);

    const [span] = runs();
    expect(span?.parentSpanContext).toBeUndefined();
    expect(span?.spanContext().traceId).not.toBe(traceId);
    expect(linksOf(span)).toEqual([traceId]);
    expect(span?.links[0]?.context.traceState?.serialize()).toBe("rojo=1");
  });

  test("of a job without a context has neither parent nor link, also if the worker started in a span", async () => {
    const { result: task } = await tracing.inSpan(async () => tracedTask(pool, () => undefined));
    await using _stopped = task;
    const id = await task.enqueue();
    await task.told("job-completed", id);

    const [span] = runs();
    expect([span?.parentSpanContext, span?.links]).toEqual([undefined, []]);
  });

  test("is the one whose ids the worker's events have", async () => {
    await using task = tracedTask(pool, () => undefined);
    const { id } = await enqueueTraced(task);
    await task.told("job-completed", id);

    const { traceId, spanId } = runs()[0]?.spanContext() ?? {};
    const told = task.events.flatMap((event) => ("job" in event ? [event] : []));
    expect(told.map(({ kind }) => kind)).toEqual(["job-started", "job-completed"]);
    for (const event of told) expect(event.traceIds).toMatchObject({ traceId, spanId });
  });

  test("is not made without telemetry, and the context stays with the job", async () => {
    const seen: unknown[] = [];
    await using task = runTask(pool, (_payload, { details }) => void seen.push(details.traceContext));
    const { id, traceId } = await enqueueTraced(task);
    const job = await task.told("job-completed", id);

    expect(runs()).toEqual([]);
    const traceContext = { traceparent: `00-${traceId}-b7ad6b7169203331-01`, tracestate: "rojo=1" };
    expect([seen, job.traceContext]).toEqual([[traceContext], traceContext]);
    expect(task.events.some((event) => "traceIds" in event)).toBe(false);
  });

  test("an SDK that throws when a span begins breaks no run", async () => {
    await using task = tracedTask(pool, () => 7);
    const job = await tracing.whileBroken(async () => {
      const { id } = await enqueueTraced(task);
      return task.told("job-completed", id);
    });

    expect([job.state, runs()]).toEqual(["completed", []]);
  });
});

describe("how a run ended", () => {
  test("a failed attempt has its error, and the next one begins a trace of its own with the same link", async () => {
    await using task = tracedTask(pool, (_payload, { attempt }) => {
      if (attempt === 1) throw new RangeError("card 4111 declined");
    });
    const { id, traceId } = await enqueueTraced(task);
    await task.told("job-completed", id);

    const [first, second] = runs();
    expect(first?.spanContext().traceId).toBe(traceId);
    expect(first?.status).toEqual({ code: SpanStatusCode.ERROR, message: "RangeError: card 4111 declined" });
    expect(first?.attributes).toMatchObject({
      "error.type": "RangeError",
      "messaging.millrace.outcome": "retry",
    });
    const [exception] = first?.events ?? [];
    expect(exception?.name).toBe("exception");
    expect(exception?.attributes).toMatchObject({
      "exception.type": "RangeError",
      "exception.stacktrace": expect.stringContaining("run.db.test.ts"),
    });
    expect(second?.attributes).toMatchObject({ "messaging.millrace.job.attempt": 2 });
    expect(second?.parentSpanContext).toBeUndefined();
    expect([linksOf(first), linksOf(second)]).toEqual([[traceId], [traceId]]);
  });

  test.each([
    [
      "fail",
      "job-failed",
      "FatalError",
      () => Promise.reject(Object.assign(new Fatal("no"), { name: "FatalError" })),
    ],
    ["fail", "job-failed", "_OTHER", () => Promise.reject(Object.assign(new Fatal("x"), { name: "a b\n" }))],
    ["cancel", "job-canceled", undefined, () => Promise.reject(new Cancel("not wanted"))],
    ["snooze", "job-snoozed", undefined, () => Promise.reject(new Snooze(3_600_000))],
  ] as const)("%s: %s, error.type %s", async (outcome, event, errorType, run) => {
    await using task = tracedTask(pool, run);
    const { id } = await enqueueTraced(task);
    await task.told(event, id);

    const [span] = runs();
    expect(span?.attributes["messaging.millrace.outcome"]).toBe(outcome);
    expect(span?.attributes["error.type"]).toBe(errorType);
    expect(span?.status.code).toBe(errorType === undefined ? SpanStatusCode.UNSET : SpanStatusCode.ERROR);
  });

  test("a run that completed its job in its own transaction has no error", async () => {
    await using task = tracedTask(pool, async (_payload, context) => {
      const client = await pool.connect();
      try {
        await client.query("BEGIN");
        await context.completeInTx(client);
        await client.query("COMMIT");
      } finally {
        client.release();
      }
    });
    const { id } = await enqueueTraced(task);
    await task.told("job-completed", id);

    const [span] = runs();
    expect(span?.attributes["messaging.millrace.outcome"]).toBe("verify");
    expect([span?.status.code, span?.events]).toEqual([SpanStatusCode.UNSET, []]);
  });

  test("errorText changes what a span shows of an error, and what it throws hides the text", async () => {
    let isBroken = false;
    const errorText = (text: string) => {
      if (isBroken) throw new Error("broken");
      return text.replaceAll("4111", "[redacted]");
    };
    await using task = tracedTask(pool, () => Promise.reject(new Fatal("card 4111 declined")), { errorText });
    const shown = await enqueueTraced(task);
    await task.told("job-failed", shown.id);
    isBroken = true;
    const hidden = await enqueueTraced(task);
    const job = await task.told("job-failed", hidden.id);

    const [first, second] = runs();
    expect(first?.status.message).toBe("Fatal: card [redacted] declined [FATAL]");
    expect(JSON.stringify(first?.events)).not.toContain("4111");
    expect(second?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(JSON.stringify(second?.events)).not.toContain("4111");
    expect(job.lastError).toContain("card 4111 declined");
  });

  test("the metrics have the advised buckets in seconds, and the class of errors", async () => {
    await using task = tracedTask(pool, () => Promise.reject(new Fatal("no")));
    const id = await task.enqueue();
    const { queue: name } = await task.told("job-failed", id);

    const own = async (metric: string) =>
      (await tracing.metric(metric)).find(
        ({ attributes }) => attributes["messaging.destination.name"] === name,
      );
    const duration = await own("messaging.process.duration");
    expect(duration?.unit).toBe("s");
    expect(duration?.value).toMatchObject({
      count: 1,
      buckets: { boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] },
    });
    expect(duration?.attributes).toEqual({
      "messaging.system": "millrace",
      "messaging.operation.name": "process",
      "messaging.operation.type": "process",
      "messaging.destination.name": name,
      "messaging.millrace.job.type": name,
      "error.type": "Fatal",
    });
    expect(await own("messaging.client.consumed.messages")).toMatchObject({ unit: "{message}", value: 1 });
  });
});
