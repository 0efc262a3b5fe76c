import { z } from "@hono/zod-openapi";
import type { ApiContext } from "../api-context.ts";
import { cursor } from "../contract/common.ts";
import { schedule, schedulePage, scheduleTick } from "../contract/schedule.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { type ApiParts, define } from "../operation.ts";
import {
  oneScheduleAnswer,
  PAGE_PAYLOAD_BYTES_MAX,
  scheduleAnswers,
  scheduleName,
} from "../schedule/read-schedules.ts";
import { tickAnswer } from "../schedule/schedule-answer.ts";
import type { Granted } from "../security/access.ts";
import { readScheduleTicks } from "../store/read-schedule-ticks.sql.ts";
import { withoutUndefined } from "../without-undefined.ts";

/** How many of its last ticks a schedule of a page has. */
const PAGE_TICKS = 20;

/** A schedule's name or id in a path. */
export const scheduleParams = z.object({ name: z.string().min(1) });

const pageQuery = z.object({
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  enabled: z.stringbool({ truthy: ["true"], falsy: ["false"], case: "sensitive" }).optional(),
});

// The library counts characters, and zod counts the halves of surrogate pairs.
const pageCursor = z.strictObject({ after: z.string().min(1).max(200) });

/** Adds the operations that read schedules. */
export function addSchedules(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /schedules",
      tag: "schedules",
      summary: "List schedules",
      description:
        "Returns a page of schedules in the order of their names, each with its last 20 ticks and the states that " +
        "the jobs of these ticks have now. A payload of more than 64 KiB is not shown.",
      query: pageQuery,
      answer: schedulePage,
    },
    ({ access, query }) => pageOf(context, access, query),
  );
  define(
    parts,
    {
      route: "GET /schedules/{name}",
      tag: "schedules",
      summary: "Read a schedule",
      description: "Returns the schedule that has this name or id.",
      params: scheduleParams,
      answer: schedule,
    },
    async ({ access, params }) =>
      oneScheduleAnswer(
        context,
        await context.schedules(access).get(scheduleName(params.name), {
          json: (await context.rights()).json,
        }),
      ),
  );
  define(
    parts,
    {
      route: "GET /schedules/{name}/ticks",
      tag: "schedules",
      summary: "List a schedule's last ticks",
      description: "Returns the last ticks, the latest first, with the states that their jobs have now.",
      params: scheduleParams,
      query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }),
      answer: z.object({ ticks: z.array(scheduleTick) }).openapi("ScheduleTicks"),
    },
    async ({ access, params, query: { limit } }) => {
      const { id } = await context.schedules(access).get(scheduleName(params.name), { json: false });
      const ticks = await readScheduleTicks(context.pool, [id], limit);
      return { ticks: (ticks.get(id) ?? []).map(tickAnswer) };
    },
  );
}

async function pageOf(
  context: ApiContext,
  access: Granted,
  { cursor: given, limit, enabled }: z.output<typeof pageQuery>,
): Promise<z.infer<typeof schedulePage>> {
  const after = given === undefined ? undefined : scheduleName(decodeCursor(pageCursor, given).after);
  const read = await context.schedules(access).list({
    ...withoutUndefined({ after, enabled }),
    json: (await context.rights()).json,
    // One more tells whether a page follows.
    limit: limit + 1,
  });
  const page = read.slice(0, limit);
  const ids = page.map(({ id }) => id);
  const ticks = await readScheduleTicks(context.pool, ids, PAGE_TICKS);
  const answers = await scheduleAnswers(context, page, PAGE_PAYLOAD_BYTES_MAX);
  const last = page.at(-1);
  return {
    schedules: answers.map((each) => ({ ...each, ticks: (ticks.get(each.id) ?? []).map(tickAnswer) })),
    next: read.length > limit && last !== undefined ? encodeCursor({ after: last.name }) : null,
  };
}
