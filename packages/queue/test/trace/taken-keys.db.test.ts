import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";
import { createQueue, DuplicateJobError, type Queue } from "../../src/index.ts";
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

describe("which context wins when a key is taken", () => {
  const enqueue = (options: Parameters<Queue["enqueue"]>[2]) =>
    tracing.inSpan(() => queue.enqueue("keyed", {}, options));
  const traceOf = async (id: string) => (await queue.get(id)).traceContext?.traceparent.split("-")[1];

  test("the first one, if the second call writes nothing", async () => {
    const first = await enqueue({ idempotencyKey: "once" });
    const second = await enqueue({ idempotencyKey: "once" });

    expect(await traceOf(first.result.id)).toBe(first.request.traceId);
    const outcomes = tracing.spans().map(({ attributes }) => attributes["messaging.millrace.outcome"]);
    expect([second.result.outcome, outcomes.filter(Boolean)]).toEqual([
      "duplicate",
      ["enqueued", "duplicate"],
    ]);
    await expect(enqueue({ idempotencyKey: "once", onDuplicate: "error" })).rejects.toThrow(
      DuplicateJobError,
    );
  });

  test.each([
    ["replace", { idempotencyKey: "r", onDuplicate: "replace" }],
    ["debounce", { debounce: { key: "d", delayMs: 60_000 } }],
    ["latest", { latest: { key: "l" } }],
  ] as const)("the last one, with %s", async (_how, options) => {
    const first = await enqueue(options);
    const second = await enqueue(options);

    expect(second.result).toEqual({ id: first.result.id, outcome: "replaced" });
    expect(await traceOf(first.result.id)).toBe(second.request.traceId);
  });

  test("none, if the last call is in no span", async () => {
    const options = { debounce: { key: "n", delayMs: 60_000 } };
    const { result } = await enqueue(options);
    await queue.enqueue("keyed", {}, options);

    expect((await queue.get(result.id)).traceContext).toBeNull();
  });

  test("the first one, with throttle", async () => {
    const first = await enqueue({ throttle: { key: "t", periodMs: 60_000 } });
    await enqueue({ throttle: { key: "t", periodMs: 60_000 } });

    expect(await traceOf(first.result.id)).toBe(first.request.traceId);
  });
});
