import type { z } from "@hono/zod-openapi";
import { isStorableText } from "@millrace/base";
import { type Schedule, ScheduleNotFoundError } from "@millrace/scheduler";
import { PAYLOAD_BYTES_MAX } from "@millrace/schema/values";
import type { ApiContext } from "../api-context.ts";
import type { schedule } from "../contract/schedule.ts";
import { ApiError } from "../problem/api-error.ts";
import { HIDDEN } from "../rights.ts";
import { readSchedulePayloads } from "../store/read-schedule-payloads.sql.ts";
import { scheduleAnswer } from "./schedule-answer.ts";

/** The longest payload that is shown of one schedule, and of each schedule of a page, in bytes. */
export const PAGE_PAYLOAD_BYTES_MAX = 65_536;

/** Returns schedules as the API sends them. Instead of a payload that is too long, it sends `"[redacted]"`. */
export async function scheduleAnswers(
  { pool, redact, rights }: ApiContext,
  schedules: readonly Schedule[],
  payloadBytesMax: number,
): Promise<z.infer<typeof schedule>[]> {
  if (schedules.length === 0) return [];
  if (!(await rights()).json) return schedules.map((each) => scheduleAnswer(each, HIDDEN));
  const ids = schedules.map(({ id }) => id);
  const payloads = await readSchedulePayloads(pool, ids, payloadBytesMax);
  return schedules.map((each) => {
    const payload = payloads.get(each.id);
    return scheduleAnswer(each, (payload === undefined ? redact.unread : redact.text(payload)).text);
  });
}

/** Returns one schedule as the API sends it. */
export async function oneScheduleAnswer(
  context: ApiContext,
  read: Schedule,
): Promise<z.infer<typeof schedule>> {
  const [answer] = await scheduleAnswers(context, [read], PAYLOAD_BYTES_MAX);
  return answer ?? scheduleAnswer(read, context.redact.unread.text);
}

/**
 * Refuses to change a payload that is not shown whole: the sender would write `[redacted]` in place of values into the
 * schedule. Throws `ApiError`.
 */
export async function refuseRedactedPayload({ pool, redact }: ApiContext, { id }: Schedule): Promise<void> {
  if (redact.paths.length === 0) return;
  const payload = (await readSchedulePayloads(pool, [id], PAYLOAD_BYTES_MAX)).get(id);
  const { hits } = payload === undefined ? redact.unread : redact.text(payload);
  if (hits.length === 0) return;
  throw new ApiError({
    status: 409,
    code: "SCHEDULE_REDACTED",
    field: "payload",
    detail:
      `The payload of the schedule has values that this API does not show, at ${hits.join(", ")}, so the API ` +
      "does not change it. Change the schedule where it is declared, or by `millrace schedules update`.",
  });
}

/**
 * Returns a name or id from a path. No schedule has a name that PostgreSQL cannot store. Throws
 * `ScheduleNotFoundError`.
 */
export function scheduleName(name: string): string {
  if (isStorableText(name)) return name;
  throw new ScheduleNotFoundError(name);
}
