import type { z } from "@hono/zod-openapi";
import type { Queue } from "@millrace/queue";
import type { Pool } from "pg";
import type { overview } from "../contract/stats.ts";
import { readScheduleFigures } from "../store/schedule-figures.sql.ts";
import { overviewOf } from "./overview-of.ts";

/**
 * Reads the state of the whole system. Its cost does not grow with the count of jobs. Uses one connection at a time.
 */
export async function readOverview(
  { pool, queue }: { pool: Pool; queue: Queue },
  showsQueries: boolean,
): Promise<z.infer<typeof overview>> {
  const schedules = await readScheduleFigures(pool);
  const depths = await queue.depths();
  const workers = await queue.workers();
  const lately = await queue.lately({ minutes: 10 });
  const [holder = null] = await queue.oldTransactions({ limit: 1 });
  return overviewOf({ depths, workers, schedules, lately, holder, showsQueries });
}
