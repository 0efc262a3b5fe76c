import type { PreviewRequest } from "@millrace/api/client";
import { parseDuration } from "../../text/duration.ts";
import { instantOfLocal } from "../../text/zoned-time.ts";
import type { ScheduleForm } from "./schedule-form.ts";

/** The fields of the form that a preview is about. */
export type PreviewedForm = Pick<ScheduleForm, "cadence" | "cron" | "every" | "anchor" | "timezone">;

/** The request for a preview of `count` ticks of what the form has now. Null while the form has no cadence. */
export function previewRequest(form: PreviewedForm, zone: string, count: number): PreviewRequest | null {
  if (form.cadence === "cron") {
    const cron = form.cron.trim();
    return cron === "" ? null : { cron, timezone: form.timezone.trim(), count };
  }
  const everyMs = parseDuration(form.every);
  if (everyMs === null) return null;
  const anchor = instantOfLocal(form.anchor, zone)?.toISOString() ?? null;
  return { everyMs, ...(anchor === null ? {} : { anchor }), count };
}
