import { JobTimeoutError, Snooze } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { describe, expect, test } from "vitest";
import { viewRefreshTask } from "../src/tasks/view-refresh.ts";
import { runTask } from "./run-task.ts";
import { settled, useViews } from "./use-views.ts";

const views = useViews(useTestDatabase());

describe("view.refresh, one at a time per view", () => {
  test("snoozes a job that finds a refresh under way, and refreshes another view meanwhile", async () => {
    const openGate = await views.closeGate();
    const first = views.refresh({ view: "gated" });
    await views.untilAtGate();

    const second = await settled(views.refresh({ view: "gated" }));

    expect(second).toBeInstanceOf(Snooze);
    expect(second).toMatchObject({ delayMs: 5_000 });
    expect(await views.refresh({ view: "sales" })).toMatchObject({ view: "public.sales" });
    await openGate();
    expect(await first).toMatchObject({ view: "public.gated" });
    expect(await views.refreshesOf("gated")).toMatchObject([{ error: null }]);
    expect(await views.refresh({ view: "gated" })).toMatchObject({ view: "public.gated" });
  });

  test("snoozes further jobs of a worker that runs five refreshes", async () => {
    const names = Array.from({ length: 6 }, (_, at) => `gated_${at}`);
    for (const view of names) {
      await views.pool.query(`DROP MATERIALIZED VIEW IF EXISTS ${view};
        CREATE MATERIALIZED VIEW ${view} AS SELECT gate() AS id WITH NO DATA`);
    }
    const task = viewRefreshTask({ pool: views.pool, refreshViews: names });
    const openGate = await views.closeGate();
    const running = names.slice(0, 5).map((view) => runTask(task, { view }));
    await views.untilAtGate(5);

    expect(await settled(runTask(task, { view: "gated_5" }))).toBeInstanceOf(Snooze);

    await openGate();
    await Promise.all(running);
    expect(await runTask(task, { view: "gated_5" })).toMatchObject({ view: "public.gated_5" });
  });
});

describe("view.refresh ends", () => {
  test("at an abort, by a cancel of its statement, and says nothing about the view", async () => {
    const openGate = await views.closeGate();
    const stop = new AbortController();
    const running = settled(views.refresh({ view: "gated" }, stop.signal));
    await views.untilAtGate();

    stop.abort(new Error("canceled"));

    expect(await running).toEqual(new Error("canceled"));
    expect(await views.atGate()).toBe(0);
    expect(await views.refreshesOf("gated")).toEqual([]);
    await openGate();
    expect(await views.refresh({ view: "gated" })).toMatchObject({ view: "public.gated" });
  });

  test("without a statement, when the run was aborted before", async () => {
    await views.pool.query("INSERT INTO orders VALUES (2, 20)");

    expect(await settled(views.refresh({ view: "sales" }, AbortSignal.abort("stop")))).toBe("stop");

    expect(await views.totals()).toEqual([10]);
  });

  test("at the run's time-out, and keeps why", async () => {
    const openGate = await views.closeGate();
    const stop = new AbortController();
    const running = settled(views.refresh({ view: "gated" }, stop.signal));
    await views.untilAtGate();

    stop.abort(new JobTimeoutError("01890000-0000-7000-8000-000000000001", 5_000));

    expect(await running).toBeInstanceOf(JobTimeoutError);
    expect(await views.refreshesOf("gated")).toMatchObject([
      { error: expect.stringContaining("time-out of 5000 ms"), refreshed_at: null },
    ]);
    await openGate();
  });

  test("after the payload's time-out, by PostgreSQL itself, and may be tried again", async () => {
    const openGate = await views.closeGate();

    expect(await settled(views.refresh({ view: "gated", timeoutMs: 50 }))).toMatchObject({
      code: "VIEW_REFRESH",
      sqlState: "57014",
      message: expect.stringContaining("took longer than its timeoutMs of 50 ms"),
    });

    await openGate();
  });

  test("with an error when its connection is cut, and leaves the pool usable", async () => {
    const openGate = await views.closeGate();
    const running = settled(views.refresh({ view: "gated" }));
    await views.untilAtGate();

    await views.pool.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event = 'advisory'`,
    );

    expect(await running).toMatchObject({ code: "VIEW_REFRESH" });
    await openGate();
    expect(await views.refresh({ view: "gated" })).toMatchObject({ view: "public.gated" });
  });
});
