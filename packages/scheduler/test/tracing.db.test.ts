import { createQueue, type Queue, type TraceContext } from "@millrace/queue";
import { openTelemetry } from "@millrace/queue/opentelemetry";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import type pg from "pg";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { createScheduler, createSchedules, type TickQueue } from "../src/index.ts";
import { insertScheduleRow } from "./insert-schedule-row.ts";

const database = useTestDatabase();
const exporter = new InMemorySpanExporter();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(
    new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }),
  );
  return () => {
    trace.disable();
    context.disable();
  };
});

beforeEach(async () => {
  exporter.reset();
  await pool.query("DELETE FROM millrace.job_schedules");
});

const telemetry = openTelemetry();

/** The context of the newest job of a schedule. */
async function traceOf(scheduleId: string): Promise<TraceContext | null | undefined> {
  const [job] = await queue.list({ scheduleId, limit: 1 });
  return job?.traceContext;
}

test("each tick is a trace of its own, also in a span, and its job has the context of the tick's span", async () => {
  const ids = [await insertScheduleRow(pool, "first"), await insertScheduleRow(pool, "second")];
  const scheduler = createScheduler({ pool, queue: createQueue(pool, { telemetry }), telemetry });

  const { ticks } = await trace.getTracer("test").startActiveSpan("outer", async (span) => {
    const result = await scheduler.tickOnce();
    span.end();
    return result;
  });

  const [outer] = exporter.getFinishedSpans().filter(({ name }) => name === "outer");
  const spans = exporter.getFinishedSpans().filter((span) => span.name.startsWith("tick "));
  expect(spans).toHaveLength(2);
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(2);
  for (const [at, scheduleId] of ids.entries()) {
    const span = spans.find(({ attributes }) => attributes["messaging.millrace.schedule.id"] === scheduleId);
    const tick = ticks.find((each) => each.scheduleId === scheduleId);
    expect([span?.kind, span?.parentSpanContext]).toEqual([SpanKind.PRODUCER, undefined]);
    expect(span?.links.map((link) => link.context.spanId)).toEqual([outer?.spanContext().spanId]);
    expect(span?.attributes).toMatchObject({
      "messaging.operation.name": "tick",
      "messaging.operation.type": "send",
      "messaging.message.id": tick?.jobId,
      "messaging.millrace.schedule.name": ["first", "second"][at],
      "messaging.millrace.tick.at": tick?.tickAt.toISOString(),
    });
    const { traceId, spanId } = span?.spanContext() ?? {};
    expect(await traceOf(scheduleId)).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  }
});

test("the tick of a batch that was rolled back has the error", async () => {
  await insertScheduleRow(pool, "broken");
  const broken: TickQueue = { enqueueMany: () => Promise.reject(new RangeError("no room")) };

  const { failures } = await createScheduler({ pool, queue: broken, telemetry }).tickOnce();

  expect(failures.map(({ scheduleName }) => scheduleName)).toContain("broken");
  const spans = exporter.getFinishedSpans();
  expect(spans.length).toBeGreaterThan(0);
  for (const span of spans) {
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "no room" });
    expect(span.attributes["error.type"]).toBe("RangeError");
  }
});

test("without telemetry a tick has no span, and its job no context", async () => {
  const id = await insertScheduleRow(pool, "quiet");

  await createScheduler({ pool, queue }).tickOnce();

  expect([exporter.getFinishedSpans(), await traceOf(id)]).toEqual([[], null]);
});

test("a job that a person asks for is in the trace of who asked", async () => {
  const id = await insertScheduleRow(pool, "asked", { nextRunAt: "now() + interval '1 day'" });
  const schedules = createSchedules(pool, { telemetry, audit: { who: "ada", via: "test" } });

  const asking = await trace.getTracer("test").startActiveSpan("asking", async (span) => {
    await schedules.runNow("asked");
    span.end();
    return span.spanContext();
  });

  expect((await traceOf(id))?.traceparent).toContain(asking.traceId);
  const [enqueue] = exporter.getFinishedSpans();
  expect([enqueue?.name, enqueue?.parentSpanContext?.spanId]).toEqual(["enqueue lane", asking.spanId]);
});

test("telemetry of another kind is refused", () => {
  // The casts are the point: JavaScript callers give anything.
  expect(() => createScheduler({ pool, queue, telemetry: 7 as never })).toThrow("Expected `telemetry`");
  expect(() => createSchedules(pool, { telemetry: 7 as never })).toThrow("Expected `telemetry`");
});
