import type { z } from "@hono/zod-openapi";
import { JsonText } from "@millrace/queue";
import type { NewSchedule, SchedulePatch } from "@millrace/scheduler";
import type { newSchedule, schedulePatch } from "../contract/schedule.ts";
import { withoutUndefined } from "../without-undefined.ts";

/** Returns a new schedule of a request as the library takes it. The library checks every field. */
export function newScheduleOf(body: z.infer<typeof newSchedule>): NewSchedule {
  // The cast is safe: the library refuses what its types do not allow, such as an unknown overlap policy.
  return libraryFields(body) as unknown as NewSchedule;
}

/** Returns a patch of a request as the library takes it. The library checks every field. */
export function schedulePatchOf(body: z.infer<typeof schedulePatch>): SchedulePatch {
  // The cast is safe: the library refuses what its types do not allow.
  return libraryFields(body) as SchedulePatch;
}

const INSTANTS: readonly string[] = ["anchor", "startsAt", "endsAt"];

/** Instants become dates, and the payload stays the text that it is, so that no number is rounded. */
function libraryFields(body: object): Record<string, unknown> {
  const given = Object.entries(withoutUndefined(body));
  return Object.fromEntries(given.map(([field, value]) => [field, libraryValue(field, value)]));
}

function libraryValue(field: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (field === "payload") return new JsonText(value);
  return INSTANTS.includes(field) ? new Date(value) : value;
}
