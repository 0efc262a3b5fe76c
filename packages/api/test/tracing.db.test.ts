import type { Telemetry } from "@millrace/queue";
import { createSchedules } from "@millrace/scheduler";
import { expect, test } from "vitest";
import { createApi } from "../src/create-api.ts";
import { useApi } from "./use-api.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";

/** A tracing library in which a span is always active. */
const telemetry: Telemetry = {
  enqueue: (_send, write) => write({ traceparent: `00-${TRACE}-b7ad6b7169203331-01` }),
  run: (_run, work) => work(null),
  tick: () => null,
};

const fixture = useApi({ telemetry });
const { send } = fixture;

test("a job that a request enqueues is in the trace of the request, and the API tells which that is", async () => {
  const { body } = await send("POST", "/jobs", { type: "traced" });

  expect((await send("GET", `/jobs/${body.id}`)).body.traceId).toBe(TRACE);
});

test("so is a job that a request enqueues for a schedule", async () => {
  const schedules = createSchedules(fixture.pool);
  await schedules.create({ name: "asked", jobType: "asked", cron: "0 0 1 1 *" });
  await send("POST", "/schedules/asked/run-now", {});

  const [job] = await fixture.queue.list({ type: "asked", limit: 1 });
  expect(job?.traceContext?.traceparent).toContain(TRACE);
});

test("a job without a trace has no trace id", async () => {
  const { id } = await fixture.queue.enqueue("plain");

  expect((await send("GET", `/jobs/${id}`)).body.traceId).toBeNull();
});

test("telemetry of another kind is refused", () => {
  // The cast is the point: JavaScript callers give anything.
  const options = { db: fixture.url, authorize: () => "all" as const, telemetry: 7 as never };

  expect(() => createApi(options)).toThrow("Expected `telemetry`");
});
