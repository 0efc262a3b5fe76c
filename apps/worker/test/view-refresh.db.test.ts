import { Fatal, InvalidPayloadError } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { describe, expect, test } from "vitest";
import { claimedJob } from "./run-task.ts";
import { useViews } from "./use-views.ts";

const views = useViews(useTestDatabase());

describe("view.refresh", () => {
  test("refreshes a view, tells how, and keeps its status", async () => {
    await views.pool.query("INSERT INTO orders VALUES (2, 20)");

    const output = await views.refresh({ view: "sales" });

    expect(await views.totals()).toEqual([10, 20]);
    expect(output).toEqual({
      view: "public.sales",
      concurrently: false,
      durationMs: expect.any(Number),
      sizeBytes: expect.any(Number),
    });
    expect(await views.refreshesOf()).toEqual([
      {
        schema_name: "public",
        job_id: claimedJob("view.refresh", {}).id,
        concurrent: false,
        error: null,
        refreshed_at: expect.any(Date),
        size_bytes: (output as { sizeBytes: number }).sizeBytes,
        ends_later: true,
      },
    ]);
  });

  test("refreshes concurrently where a unique index allows, past a transaction that reads the view", async () => {
    await views.pool.query("CREATE UNIQUE INDEX ON sales (id); INSERT INTO orders VALUES (2, 20)");
    const reader = await views.connect();
    await reader.query("BEGIN; SELECT FROM sales");

    const output = await views.refresh({ view: "sales" });

    expect(output).toMatchObject({ concurrently: true });
    expect(await views.totals()).toEqual([10, 20]);
  });

  test.each([
    ["a unique index with WHERE", "CREATE UNIQUE INDEX ON sales (id) WHERE total > 0"],
    ["a unique index on an expression", "CREATE UNIQUE INDEX ON sales ((id + 1))"],
    ["an index that is not unique", "CREATE INDEX ON sales (id)"],
  ])("refreshes plainly with %s, and refuses to do it concurrently", async (_what, index) => {
    await views.pool.query(`${index}; INSERT INTO orders VALUES (2, 20)`);

    expect(await views.refresh({ view: "sales" })).toMatchObject({ concurrently: false });

    const refused = views.refresh({ view: "sales", concurrently: true });
    await expect(refused).rejects.toBeInstanceOf(Fatal);
    await expect(refused).rejects.toThrow("Give the view a unique index on plain columns");
    expect(await views.totals()).toEqual([10, 20]);
  });

  test("refreshes plainly when told to, although an index allows more", async () => {
    await views.pool.query("CREATE UNIQUE INDEX ON sales (id)");

    expect(await views.refresh({ view: "sales", concurrently: false })).toMatchObject({
      concurrently: false,
    });
  });

  test.each(["auto", true])(
    "fills a view without contents plainly at first, with %j",
    async (concurrently) => {
      await views.pool.query(
        "CREATE UNIQUE INDEX ON sales (id); REFRESH MATERIALIZED VIEW sales WITH NO DATA",
      );

      expect(await views.refresh({ view: "sales", concurrently })).toMatchObject({ concurrently: false });

      expect(await views.totals()).toEqual([10]);
      expect(await views.refresh({ view: "sales", concurrently })).toMatchObject({ concurrently: true });
    },
  );

  test("refreshes a view whose names need quoting, and nothing else", async () => {
    await views.pool.query(`
      DROP SCHEMA IF EXISTS "Odd ""schema" CASCADE; CREATE SCHEMA "Odd ""schema";
      CREATE MATERIALIZED VIEW "Odd ""schema"."x""; DROP TABLE orders; --" AS SELECT id, total FROM orders;
      INSERT INTO orders VALUES (2, 20)`);

    await views.refresh({ schema: 'Odd "schema', view: 'x"; DROP TABLE orders; --' });

    expect(await views.totals('"Odd ""schema"."x""; DROP TABLE orders; --"')).toEqual([10, 20]);
    expect(await views.totals()).toEqual([10]);
  });

  test.each([
    ["a view that is not there", { view: "absent" }, "there is no materialized view public.absent"],
    ["a table", { view: "orders" }, "public.orders is no materialized view"],
  ])("fails for good for %s, and keeps why", async (_what, payload, message) => {
    const refused = views.refresh(payload);

    await expect(refused).rejects.toBeInstanceOf(Fatal);
    await expect(refused).rejects.toThrow(message);
    expect(await views.refreshesOf(payload.view)).toMatchObject([
      { error: expect.stringContaining(message), refreshed_at: null },
    ]);
  });

  test("fails for good for a view that the configuration does not name, and names the setting", async () => {
    await views.pool.query(
      "DROP MATERIALIZED VIEW IF EXISTS secret; CREATE MATERIALIZED VIEW secret AS SELECT 1",
    );

    await expect(views.refresh({ view: "secret" })).rejects.toMatchObject({
      code: "NOT_ALLOWED",
      retryable: false,
      setting: "refreshViews",
      target: "public.secret",
      message: expect.stringContaining("refreshViews (MILLRACE_REFRESH_VIEWS)"),
    });
    expect(await views.refreshesOf("secret")).toEqual([]);
  });

  test.each([
    ["no view", {}],
    ["another word for how", { view: "sales", concurrently: "yes" }],
    ["a time-out of more than a day", { view: "sales", timeoutMs: 86_400_001 }],
    ["an unknown key", { view: "sales", where: "true" }],
  ])("refuses a payload with %s", async (_what, payload) => {
    await expect(views.refresh(payload)).rejects.toBeInstanceOf(InvalidPayloadError);
  });

  test("that fails leaves the view as it was, and keeps when it was refreshed last", async () => {
    await views.refresh({ view: "sales" });
    const [before] = await views.refreshesOf();
    await views.pool.query(`
      CREATE UNIQUE INDEX ON sales (id); INSERT INTO orders VALUES (1, 30)`);

    await expect(views.refresh({ view: "sales" })).rejects.toMatchObject({
      code: "VIEW_REFRESH",
      message: expect.stringContaining("public.sales was not refreshed"),
    });

    expect(await views.totals()).toEqual([10]);
    expect(await views.refreshesOf()).toEqual([
      { ...before, concurrent: true, error: expect.stringContaining("public.sales was not refreshed") },
    ]);
  });
});
