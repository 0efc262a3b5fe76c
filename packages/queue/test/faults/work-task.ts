import type pg from "pg";
import { z } from "zod";
import { type AnyTask, defineTask } from "../../src/index.ts";

/** The children's task for workers in the test's own process: it writes down that it ended, and does nothing else. */
export function workTaskOn(pool: pg.Pool): AnyTask {
  return defineTask({
    name: "work",
    payload: z.unknown(),
    run: (_payload, { job }) =>
      pool.query("INSERT INTO public.effects (job_id, lease_token, step) VALUES ($1, $2, 'ended')", [
        job.id,
        job.leaseToken,
      ]),
  });
}
