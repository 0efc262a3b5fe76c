import { randomUUID } from "node:crypto";
import { Fatal } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { Pool } from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { viewRefreshTask } from "../src/tasks/view-refresh.ts";
import { runTask } from "./run-task.ts";
import { settled, useViews } from "./use-views.ts";

const database = useTestDatabase();
const views = useViews(database);

describe("view.refresh as a role with few rights", () => {
  const roles: string[] = [];
  const pools: Pool[] = [];
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((each) => each.end()));
    for (const role of roles.splice(0).reverse())
      await views.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  async function makeRole(): Promise<string> {
    const role = `views_${randomUUID().slice(0, 8)}`;
    await views.pool.query(`CREATE ROLE ${role}; GRANT USAGE ON SCHEMA millrace, public TO ${role};
      GRANT SELECT, INSERT, UPDATE ON millrace.view_refreshes TO ${role};
      GRANT SELECT ON orders TO ${role}`);
    roles.push(role);
    return role;
  }

  function refreshAs(role: string): Promise<unknown> {
    const own = new Pool({ connectionString: database.url, options: `-c role=${role}`, max: 2 });
    pools.push(own);
    const task = viewRefreshTask({ pool: own, refreshViews: views.named });
    return settled(runTask(task, { view: "sales" }));
  }

  test("fails for good with what to grant", async () => {
    const role = await makeRole();

    const error = await refreshAs(role);

    expect(error).toBeInstanceOf(Fatal);
    expect(error).toMatchObject({
      message: expect.stringMatching(/may not refresh public\.sales.*MAINTAIN/),
    });
    expect(await views.refreshesOf()).toMatchObject([{ error: expect.stringContaining("may not refresh") }]);
  });

  test("refreshes a view of a role that it is a member of", async () => {
    const [owner, role] = [await makeRole(), await makeRole()];
    await views.pool.query(`GRANT CREATE ON SCHEMA public TO ${owner}; ALTER MATERIALIZED VIEW sales OWNER TO ${owner};
      GRANT ${owner} TO ${role}`);

    expect(await refreshAs(role)).toMatchObject({ view: "public.sales" });
  });

  test("refreshes a view that it may MAINTAIN, where PostgreSQL has this right", async () => {
    const role = await makeRole();
    const { rows } = await views.pool.query<{ version: number }>(
      "SELECT current_setting('server_version_num')::int AS version",
    );
    const hasMaintain = (rows[0]?.version ?? 0) >= 170_000;
    if (hasMaintain) await views.pool.query(`GRANT MAINTAIN ON sales TO ${role}`);

    const expected = hasMaintain ? { view: "public.sales" } : { code: "FATAL" };

    expect(await refreshAs(role)).toMatchObject(expected);
  });
});
