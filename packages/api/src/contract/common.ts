import { z } from "@hono/zod-openapi";
import { JOB_STATES } from "@millrace/schema/values";

/** An instant as ISO text in UTC, by the database's clock. */
export const instant = z.iso.datetime().openapi({ example: "2031-01-01T00:00:00.000Z" });

/** A job's id. */
export const jobId = z.uuid();

/** A name of a queue or a type. */
export const name = z.string().min(1).max(100);

export const jobState = z.enum(JOB_STATES);

/** JSON as the text that PostgreSQL holds: no number is rounded. Values at redacted paths read `"[redacted]"`. */
export const jsonText = z.string();

/** Where the next page begins. Opaque: send the cursor back unchanged. */
export const cursor = z.string().min(1).max(1_000);

/** The answer to every refused or failed request: a problem document (RFC 9457). */
export const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    /** What happened, to what, and what to do. */
    detail: z.string(),
    /** The code of the library's error, such as `JOB_NOT_FOUND`. */
    code: z.string(),
    /** The field of the request that is wrong. */
    field: z.string().optional(),
  })
  .openapi("Problem");

/** The body of a request that needs no more than its path. */
export const emptyBody = z.strictObject({});
