import { inTransaction } from "@millrace/base";
import { useTestDatabase } from "@millrace/testpg/vitest";
import {
  context,
  createTraceState,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
} from "@opentelemetry/api";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, InvalidJobError, type Queue } from "../../src/index.ts";
import { openTelemetry } from "../../src/opentelemetry.ts";
import { useTracing } from "./use-tracing.ts";

const database = useTestDatabase();
const tracing = useTracing();
let pool: pg.Pool;
let queue: Queue;

beforeAll(() => {
  pool = database.pool();
  queue = createQueue(pool, { telemetry: openTelemetry() });
});

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const GIVEN = `00-${TRACE}-b7ad6b7169203331-01`;

const settingsOf = async (id: string) => {
  const { rows } = await pool.query("SELECT settings FROM millrace.jobs WHERE id = $1", [id]);
  return rows[0]?.settings;
};

describe("the span of an enqueue", () => {
  test("is a child of the active span, and the job has its context", async () => {
    const { result, request } = await tracing.inSpan(() =>
      queue.enqueue("greet", { to: "ada" }, { queue: "mail" }),
    );

    const span = tracing.span("enqueue mail");
    const { traceId, spanId } = span.spanContext();
    expect(span.kind).toBe(SpanKind.PRODUCER);
    expect([traceId, span.parentSpanContext?.spanId]).toEqual([request.traceId, request.spanId]);
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
    expect(span.attributes).toEqual({
      "messaging.system": "millrace",
      "messaging.operation.name": "enqueue",
      "messaging.operation.type": "send",
      "messaging.destination.name": "mail",
      "messaging.message.id": result.id,
      "messaging.millrace.job.type": "greet",
      "messaging.millrace.outcome": "enqueued",
    });
    expect(await settingsOf(result.id)).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
    expect((await queue.get(result.id)).traceContext).toEqual({ traceparent: `00-${traceId}-${spanId}-01` });
  });

  test("stands beside the other settings of a job", async () => {
    const options = { tags: ["vip"], metadata: { traceparent: "not this" }, startWithinMs: 60_000 };
    const { result } = await tracing.inSpan(() => queue.enqueue("greet", {}, options));

    const job = await queue.get(result.id);
    expect([job.tags, job.metadata, job.startBy === null]).toEqual([
      ["vip"],
      { traceparent: "not this" },
      false,
    ]);
    expect(job.traceContext?.traceparent).toContain(tracing.span("enqueue default").spanContext().spanId);
    expect(job.settings).toEqual({});
  });

  test("is not made outside any span: nothing is stored, and the job is counted", async () => {
    const { id } = await queue.enqueue("lonely");
    const [{ id: other } = { id: "" }] = await queue.enqueueMany([{ type: "lonely" }]);

    expect(tracing.spans()).toEqual([]);
    expect([await settingsOf(id), await settingsOf(other)]).toEqual([null, null]);
    const counted = (await tracing.metric("messaging.client.sent.messages")).filter(
      ({ attributes }) => attributes["messaging.millrace.job.type"] === "lonely",
    );
    expect(counted.map(({ value }) => value)).toEqual([2]);
  });

  test("in the caller's transaction is in its trace, and a rollback takes the context with the job", async () => {
    const rolledBack = new Error("no");
    const { result, request } = await tracing.inSpan(async () => {
      const kept = await inTransaction(pool, (tx) => queue.enqueue("greet", {}, { tx }));
      let id = "";
      const failed = inTransaction(pool, async (tx) => {
        ({ id } = await queue.enqueue("greet", {}, { tx }));
        throw rolledBack;
      });
      await expect(failed).rejects.toBe(rolledBack);
      return { kept: kept.id, lost: id };
    });

    expect((await queue.get(result.kept)).traceContext?.traceparent).toContain(request.traceId);
    expect(await settingsOf(result.lost)).toBeUndefined();
  });

  test("a failed enqueue has the error, and the caller gets the very error", async () => {
    const unreachable = {
      query: () => Promise.reject(Object.assign(new Error("refused"), { name: "error", code: "57P03" })),
    };
    const broken = createQueue(unreachable, { telemetry: openTelemetry() });

    const failing = tracing.inSpan(() => broken.enqueue("broken"));

    await expect(failing).rejects.toMatchObject({ message: "refused", code: "57P03" });
    const span = tracing.span("enqueue default");
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "refused" });
    expect(span.attributes["error.type"]).toBe("57P03");
    expect(span.events.map(({ name }) => name)).toEqual(["exception"]);
    const counted = await tracing.metric("messaging.client.sent.messages");
    expect(counted).toContainEqual(
      expect.objectContaining({
        attributes: expect.objectContaining({
          "messaging.millrace.job.type": "broken",
          "error.type": "57P03",
        }),
        value: 1,
      }),
    );
  });
});

describe("the span of enqueueMany", () => {
  test("covers all jobs, and all jobs have its context", async () => {
    const jobs = [{ type: "a" }, { type: "b", queue: "default" }, { type: "a", tags: ["x"] }];
    const { result } = await tracing.inSpan(() => queue.enqueueMany(jobs));

    const span = tracing.span("enqueue default");
    expect(span.attributes).toMatchObject({
      "messaging.batch.message_count": 3,
      "messaging.destination.name": "default",
      "messaging.operation.name": "enqueue",
    });
    expect(span.attributes).not.toHaveProperty("messaging.millrace.job.type");
    const stored = await Promise.all(
      result.map(async ({ id }) => (await queue.get(id)).traceContext?.traceparent),
    );
    const { traceId, spanId } = span.spanContext();
    expect(new Set(stored)).toEqual(new Set([`00-${traceId}-${spanId}-01`]));
  });

  test("names no queue if there are several", async () => {
    await tracing.inSpan(() => queue.enqueueMany([{ type: "a" }, { type: "a", queue: "mail" }]));

    expect(tracing.span("enqueue").attributes).not.toHaveProperty("messaging.destination.name");
  });

  test("has the error of a bad job", async () => {
    const failing = tracing.inSpan(() => queue.enqueueMany([{ type: "a" }, { type: "" }]));

    await expect(failing).rejects.toThrow(InvalidJobError);
    expect(tracing.span("enqueue default").attributes["error.type"]).toBe("InvalidJobError");
  });
});

describe("a context that the caller gives", () => {
  test("is stored without telemetry", async () => {
    const traceContext = { traceparent: GIVEN, tracestate: "rojo=1,congo=2" };
    const { id } = await createQueue(pool).enqueue("greet", {}, { traceContext });

    expect((await queue.get(id)).traceContext).toEqual(traceContext);
  });

  test("is stored in place of the span's, and the span is linked to it", async () => {
    const { result } = await tracing.inSpan(() =>
      queue.enqueue("greet", {}, { traceContext: { traceparent: GIVEN } }),
    );

    expect((await queue.get(result.id)).traceContext).toEqual({ traceparent: GIVEN });
    expect(tracing.span("enqueue default").links.map((link) => link.context.traceId)).toEqual([TRACE]);
  });

  test("is left out where it is not valid, and the job is enqueued", async () => {
    const plain = createQueue(pool);
    const bad = await plain.enqueue("greet", {}, { traceContext: { traceparent: "00-0-0-01" } });
    const hostile = { traceparent: GIVEN, tracestate: "\u0000".repeat(100_000) };
    const half = await plain.enqueue("greet", {}, { traceContext: hostile });

    expect(await settingsOf(bad.id)).toBeNull();
    expect(await settingsOf(half.id)).toEqual({ traceparent: GIVEN });
  });

  test("of another kind is refused", async () => {
    // The casts are the point: JavaScript callers give anything.
    const enqueue = (traceContext: unknown) => queue.enqueue("greet", {}, { traceContext } as never);

    await expect(enqueue("x")).rejects.toThrow(InvalidJobError);
    await expect(enqueue({})).rejects.toThrow("`traceContext.traceparent` must be a string");
    await expect(enqueue({ traceparent: GIVEN, traceState: "" })).rejects.toThrow(
      "did you mean `tracestate`?",
    );
  });
});

describe("a hostile or broken tracing library", () => {
  const inContext = <Result>(span: Parameters<typeof trace.setSpanContext>[1], work: () => Promise<Result>) =>
    context.with(trace.setSpanContext(ROOT_CONTEXT, span), work);

  test("a tracestate that W3C does not allow is not stored", async () => {
    const traceState = { ...createTraceState(), serialize: () => "a=\u0000,\ud800" } as ReturnType<
      typeof createTraceState
    >;
    const span = { traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags: 1, traceState };
    const { id } = await inContext(span, () => queue.enqueue("greet"));

    expect((await queue.get(id)).traceContext).toEqual({
      traceparent: expect.stringContaining(`00-${TRACE}-`),
    });
  });

  test("a tracestate whose text cannot be made breaks no enqueue", async () => {
    const serialize = () => {
      throw new Error("no text");
    };
    const traceState = { ...createTraceState(), serialize } as ReturnType<typeof createTraceState>;
    const span = { traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags: 1, traceState };
    const { id } = await inContext(span, () => queue.enqueue("greet"));

    expect((await queue.get(id)).traceContext?.traceparent).toContain(TRACE);
  });

  test("an SDK that throws when a span begins breaks no enqueue", async () => {
    const { result } = await tracing.inSpan(() => tracing.whileBroken(() => queue.enqueue("greet")));

    expect(await settingsOf(result.id)).toBeNull();
  });

  test("an invalid span is no span", async () => {
    const { id } = await inContext(INVALID_SPAN_CONTEXT, () => queue.enqueue("greet"));

    expect(await settingsOf(id)).toBeNull();
  });

  test("a trace that is not sampled is stored, so that a prompt run is not sampled either", async () => {
    const span = { traceId: TRACE, spanId: "b7ad6b7169203331", traceFlags: 0 };
    const { id } = await inContext(span, () => queue.enqueue("greet"));

    expect((await queue.get(id)).traceContext?.traceparent).toMatch(
      /^00-0af7651916cd43dd8448eb211c80319c-.*-00$/,
    );
  });
});

test("telemetry of another kind is refused", () => {
  expect(() => createQueue(pool, { telemetry: {} as never })).toThrow(
    "Expected `telemetry` to be what `openTelemetry()` returns",
  );
  expect(() => openTelemetry({ errorTxt: String } as never)).toThrow("did you mean `errorText`?");
});
