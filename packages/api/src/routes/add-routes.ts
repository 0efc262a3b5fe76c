import type { ApiParts } from "../operation.ts";
import { addJobReads } from "./jobs-read.ts";
import { addJobWrites } from "./jobs-write.ts";
import { addOpenapi } from "./openapi.ts";
import { addScheduleCommands } from "./schedule-commands.ts";
import { addSchedules } from "./schedules.ts";
import { addSession } from "./session.ts";
import { addWatch } from "./watch.ts";

/** Adds every route of the API. */
export function addRoutes(parts: ApiParts): void {
  addSession(parts);
  addJobReads(parts);
  addJobWrites(parts);
  addWatch(parts);
  addSchedules(parts);
  addScheduleCommands(parts);
  addOpenapi(parts);
}
