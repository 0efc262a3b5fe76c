import { z } from "@hono/zod-openapi";
import { name } from "../contract/common.ts";
import { history, overview, snapshotHolders } from "../contract/stats.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";
import { showsQueries } from "../rights.ts";
import { holderAnswer } from "../stats/overview-of.ts";
import { readOverview } from "../stats/read-overview.ts";
import { withoutUndefined } from "../without-undefined.ts";

/** Adds the operations that tell how everything is and was. */
export function addStats(parts: ApiParts): void {
  const { context } = parts;
  const { pool } = context;
  define(
    parts,
    {
      route: "GET /stats/overview",
      tag: "stats",
      summary: "How everything is now",
      description:
        "Returns what an event of `GET /events` has. Its cost does not grow with the count of jobs.",
      answer: overview,
    },
    async ({ access }) => readOverview({ pool, queue: context.queue(access) }, await showsQueries(context)),
  );
  define(
    parts,
    {
      route: "GET /stats/history",
      tag: "stats",
      summary: "What happened in the last hours",
      description:
        "Returns what workers counted in the last hours, of all queues or of one, in equal steps, the oldest first.",
      query: z.object({
        hours: z.coerce.number().int().min(1).max(168).optional(),
        queue: name.optional(),
      }),
      answer: history,
    },
    async ({ access, query }) => {
      const { stepMs, points } = await context.queue(access).history(withoutUndefined(query));
      return { stepMs, points: points.map((point) => ({ ...point, at: iso(point.at) })) };
    },
  );
  define(
    parts,
    {
      route: "GET /stats/snapshot-holders",
      tag: "stats",
      summary: "Transactions that make claims slower",
      description:
        "Returns at most 20 transactions that are older than a minute and hold back what PostgreSQL may clean up: " +
        "those that hold back most first. With `redact`, or where the database's role may not read payloads, no " +
        "statement is shown, because it may have values of jobs.",
      answer: snapshotHolders,
    },
    async ({ access }) => {
      const holders = await context.queue(access).oldTransactions();
      const shows = await showsQueries(context);
      return { holders: holders.map((holder) => holderAnswer(holder, shows)) };
    },
  );
}
