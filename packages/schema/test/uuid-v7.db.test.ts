import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { beforeAll, describe, expect, test } from "vitest";

const database = useTestDatabase();
let pool: pg.Pool;

beforeAll(() => {
  pool = database.pool();
});

/** How many jobs of a type have a smaller id than the job that was inserted just before them. */
async function outOfOrder(type: string): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `SELECT count(*)::int FROM (
       SELECT id < lag(id) OVER (ORDER BY (payload->>'n')::int) AS earlier FROM millrace.jobs WHERE type = $1
     ) AS neighbours WHERE earlier`,
    [type],
  );
  return rows[0]?.count ?? Number.NaN;
}

describe("millrace.uuid_v7", () => {
  test("makes ids of version 7 and variant 1, all different, of the instant to the part of a millisecond", async () => {
    const { rows } = await pool.query<{ id: string; before: number; after: number }>(
      `SELECT before, id, date_part('epoch', clock_timestamp()) * 1000 AS after
       FROM (SELECT date_part('epoch', clock_timestamp()) * 1000 AS before, millrace.uuid_v7() AS id
             FROM generate_series(1, 1000) OFFSET 0) AS made`,
    );

    for (const { id, before, after } of rows) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      const hex = id.replaceAll("-", "");
      const instant = Number.parseInt(hex.slice(0, 12), 16) + Number.parseInt(hex.slice(13, 16), 16) / 4_096;
      // Rounded to the nearest of 4,096 parts.
      expect(instant).toBeGreaterThanOrEqual(before - 0.001);
      expect(instant).toBeLessThanOrEqual(after + 0.001);
    }
    expect(new Set(rows.map((row) => row.id)).size).toBe(1_000);
  });

  test("gives the jobs of one INSERT ... SELECT ids in their order", async ({ annotate }) => {
    await pool.query(
      `INSERT INTO millrace.jobs (type, payload)
       SELECT 'bulk', jsonb_build_object('n', n) FROM generate_series(1, 100000) AS n`,
    );

    const inversions = await outOfOrder("bulk");

    await annotate(`${inversions} of 99,999 neighbours out of order`);
    // A clock that is set back between two rows is the only cause there is left; without parts of a ms it is half.
    expect(inversions).toBeLessThan(100);
  });

  test("gives the jobs of one transaction's statements ids in their order", async () => {
    const client = await pool.connect();
    await client.query("BEGIN");
    for (let n = 0; n < 300; n += 1) {
      await client.query("SELECT millrace.enqueue('single', jsonb_build_object('n', $1::int))", [n]);
    }
    await client.query("COMMIT");
    client.release();

    expect(await outOfOrder("single")).toBe(0);
  });

  test("gives the jobs that a trigger enqueues ids in the order of its rows", async () => {
    await pool.query(`
      CREATE TABLE public.orders (n int);
      CREATE FUNCTION public.enqueue_order() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM millrace.enqueue('order', jsonb_build_object('n', NEW.n)); RETURN NULL; END $$;
      CREATE TRIGGER enqueue_order AFTER INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.enqueue_order()`);

    await pool.query("INSERT INTO public.orders SELECT n FROM generate_series(1, 1000) AS n");

    expect(await outOfOrder("order")).toBe(0);
  });
});
