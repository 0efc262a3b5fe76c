import type { ApiParts } from "../operation.ts";
import { addAudit } from "./audit.ts";
import { addBulk } from "./bulk.ts";
import { addEvents } from "./events.ts";
import { addJobCommands } from "./job-commands.ts";
import { addJobReads } from "./jobs-read.ts";
import { addJobWrites } from "./jobs-write.ts";
import { addOpenapi } from "./openapi.ts";
import { addQueues } from "./queues.ts";
import { addScheduleCommands } from "./schedule-commands.ts";
import { addSchedules } from "./schedules.ts";
import { addSession } from "./session.ts";
import { addStats } from "./stats.ts";
import { addWatch } from "./watch.ts";
import { addWorkers } from "./workers.ts";

/** Adds every route of the API. */
export function addRoutes(parts: ApiParts): void {
  addSession(parts);
  addJobReads(parts);
  addJobWrites(parts);
  addJobCommands(parts);
  addWatch(parts);
  addBulk(parts);
  addQueues(parts);
  addSchedules(parts);
  addScheduleCommands(parts);
  addWorkers(parts);
  addStats(parts);
  addEvents(parts);
  addAudit(parts);
  addOpenapi(parts);
}
