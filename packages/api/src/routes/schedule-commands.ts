import type { Schedule, Schedules } from "@millrace/scheduler";
import { jobChanged } from "../contract/job.ts";
import { newSchedule, previewAnswer, previewRequest, schedule, schedulePatch } from "../contract/schedule.ts";
import { type ApiParts, define } from "../operation.ts";
import { boundedPreview } from "../schedule/bounded-preview.ts";
import { previewLines } from "../schedule/preview-lines.ts";
import { oneScheduleAnswer, refuseRedactedPayload, scheduleName } from "../schedule/read-schedules.ts";
import { newScheduleOf, schedulePatchOf } from "../schedule/schedule-input.ts";
import { PAYLOAD_BODY_BYTES_MAX } from "../security/read-body.ts";
import { databaseNow } from "../store/database-now.sql.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { scheduleParams } from "./schedules.ts";

/** Adds the operations that change schedules, and the preview. */
export function addScheduleCommands(parts: ApiParts): void {
  addWrites(parts);
  addSwitch(parts, "enable", "Ticks fire again. The next tick is computed from now.");
  addSwitch(parts, "disable", "No tick fires. The schedule's jobs and its last tick stay.");
  addRunNow(parts);
  addPreview(parts);
}

function addWrites(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "POST /schedules",
      tag: "schedules",
      summary: "Create a schedule",
      description:
        "Creates a schedule, whose first tick is after now, or at its creation with `runOnCreate`.",
      body: newSchedule,
      bodyBytesMax: PAYLOAD_BODY_BYTES_MAX,
      answer: schedule,
    },
    async ({ access, body }) =>
      oneScheduleAnswer(context, await context.schedules(access).create(newScheduleOf(body))),
  );
  define(
    parts,
    {
      route: "PATCH /schedules/{name}",
      tag: "schedules",
      summary: "Change a schedule",
      description:
        "Changes the given fields. `cron` takes the place of `everyMs` and `anchor`, and `everyMs` that of `cron`. " +
        "With a new cadence, the next tick is computed from now. A payload that has redacted values cannot be changed.",
      params: scheduleParams,
      body: schedulePatch,
      bodyBytesMax: PAYLOAD_BODY_BYTES_MAX,
      answer: schedule,
    },
    async ({ access, params, body }) => {
      const schedules = context.schedules(access);
      const name = scheduleName(params.name);
      if (body.payload !== undefined) await refuseRedactedPayload(context, await schedules.get(name));
      return oneScheduleAnswer(context, await schedules.update(name, schedulePatchOf(body)));
    },
  );
  define(
    parts,
    {
      route: "DELETE /schedules/{name}",
      tag: "schedules",
      summary: "Delete a schedule",
      description: "Deletes a schedule and its ticks. Its jobs stay.",
      params: scheduleParams,
      answer: null,
    },
    async ({ access, params }) => {
      await context.schedules(access).delete(scheduleName(params.name));
      return undefined;
    },
  );
}

function addSwitch(parts: ApiParts, command: "enable" | "disable", description: string): void {
  const { context } = parts;
  const run = (schedules: Schedules, name: string): Promise<Schedule> => schedules[command](name);
  define(
    parts,
    {
      route: `POST /schedules/{name}/${command}`,
      tag: "schedules",
      summary: command === "enable" ? "Enable a schedule" : "Disable a schedule",
      description,
      params: scheduleParams,
      answer: schedule,
    },
    async ({ access, params }) =>
      oneScheduleAnswer(context, await run(context.schedules(access), scheduleName(params.name))),
  );
}

function addRunNow(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "POST /schedules/{name}/run-now",
      tag: "schedules",
      summary: "Run a schedule's job now",
      description:
        "Enqueues a job of the schedule now, also while the schedule is disabled. The job belongs to no tick. " +
        "Returns the job's id.",
      params: scheduleParams,
      answer: jobChanged,
    },
    async ({ access, params }) => {
      const id = await context.schedules(access).runNow(scheduleName(params.name));
      return { id, result: "enqueued", commandId: null };
    },
  );
}

function addPreview(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "POST /schedules/preview",
      tag: "schedules",
      summary: "Preview a cadence",
      description:
        "Returns a cadence in words, its next ticks, and the changes of the zone's clock between them. There are " +
        "fewer ticks than `count` when no more follow, or when they reach further than a century. Changes nothing.",
      body: previewRequest,
      answer: previewAnswer,
    },
    async ({ body }) => {
      const { cron = null, everyMs = null, anchor = null, timezone, count } = body;
      const previewed = {
        ...{ cron, everyMs, anchor: anchor === null ? null : new Date(anchor) },
        ...withoutUndefined({ timezone }),
      };
      const after = await databaseNow(context.pool);
      const found = boundedPreview(previewed, { after, count });
      return {
        description: found.words,
        warnings: [...found.warnings],
        lines: previewLines(found),
      };
    },
  );
}
