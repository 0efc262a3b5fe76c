import { z } from "@hono/zod-openapi";
import { instant } from "./common.ts";

/** Everything that a request may be allowed to do, besides reading. */
export const ACTIONS = [
  "jobs.enqueue",
  "jobs.change",
  "jobs.cancel",
  "jobs.retry",
  "jobs.run-now",
  "jobs.delete",
  "jobs.watch",
  "queues.pause",
  "queues.change",
  "schedules.create",
  "schedules.change",
  "schedules.delete",
  "schedules.run-now",
] as const;

/** One of `ACTIONS`. */
export type Action = (typeof ACTIONS)[number];

/** What the sender of this request may do. */
export const session = z
  .object({
    who: z.string().nullable(),
    actions: z.array(z.enum(ACTIONS)),
    /** False: the database's role may not read payloads and outputs, and `"[hidden]"` stands in their place. */
    showsPayloads: z.boolean(),
    release: z.string(),
    databaseNow: instant,
    /** The paths whose values are never sent. */
    redact: z.array(z.string()),
  })
  .openapi("Session");
