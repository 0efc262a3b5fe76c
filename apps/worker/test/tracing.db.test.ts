import { fileURLToPath } from "node:url";
import { createQueue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { usePrograms } from "./use-programs.ts";

const database = useTestDatabase();
const programs = usePrograms(database);

const TASKS = fileURLToPath(new URL("traced-tasks", import.meta.url));
/** Beside the SDK, which the queue's tests need: were it installed here, a deployed worker would have the API, too. */
const SDK = new URL("../../../packages/queue/test/trace/print-spans.ts", import.meta.url);

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const PARENT = "b7ad6b7169203331";
const CARD = "4111222233334444";

const enqueueCard = () =>
  createQueue(programs.pool).enqueue(
    "card.decline",
    { card: { number: CARD, type: "visa" } },
    { traceContext: { traceparent: `00-${TRACE}-${PARENT}-01` } },
  );

test("a worker with a preloaded SDK traces jobs, logs their ids, and redacts log and spans", async () => {
  const worker = programs.start({
    MILLRACE_TASKS_DIR: TASKS,
    MILLRACE_LOG_REDACT: "card.number",
    NODE_OPTIONS: `--import=${SDK}`,
  });
  await enqueueCard();
  await worker.wrote("job failed");
  worker.child.kill("SIGTERM");
  expect(await worker.exited).toBe(0);

  const [, json = "{}"] = /^span (.*)$/m.exec(worker.errors()) ?? [];
  const span = JSON.parse(json);
  expect(span).toMatchObject({
    name: "process default",
    traceId: TRACE,
    parent: PARENT,
    message: "Fatal: The card [redacted] (visa) was declined. [FATAL]",
  });
  const ids = { trace_id: TRACE, span_id: span.spanId, trace_flags: "01" };
  expect(worker.logLine("asked")).toMatchObject({
    ...ids,
    type: "card.decline",
    order: { card: { number: "[redacted]", type: "visa" } },
  });
  expect(worker.logLine("job failed")).toMatchObject({
    ...ids,
    error: expect.stringContaining("The card [redacted] (visa) was declined."),
  });
  expect(worker.output()).not.toContain(CARD);
});

test("a worker without an SDK traces nothing by default", async () => {
  const worker = programs.start({ MILLRACE_TASKS_DIR: TASKS });
  await enqueueCard();
  await worker.wrote("job failed");

  expect(worker.logLine("job failed")).not.toHaveProperty("trace_id");
  expect(worker.output()).not.toContain("jobs are traced");
});

test("a worker that may not trace adds nothing to its log, and hides nothing unless it is told to", async () => {
  const worker = programs.start({ MILLRACE_TASKS_DIR: TASKS, MILLRACE_TRACING: "off" });
  await enqueueCard();
  await worker.wrote("job failed");

  expect(worker.logLine("job failed")).not.toHaveProperty("trace_id");
  expect(worker.logLine("job failed")).toMatchObject({ error: expect.stringContaining(CARD) });
});
