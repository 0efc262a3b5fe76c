import type { z } from "@hono/zod-openapi";
import type { Executor } from "@millrace/base";
import { createAuditor, createQueue, JsonText, type JsonValue, type Queue } from "@millrace/queue";
import { jobChange, jobChanged, newJob } from "../contract/job.ts";
import { type ApiParts, define } from "../operation.ts";
import { ApiError } from "../problem/api-error.ts";
import { invalidRequest } from "../security/parsed.ts";
import { PAYLOAD_BODY_BYTES_MAX } from "../security/read-body.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { instantOf, jsonOf } from "./job-selection.ts";
import { jobParams, textsOf } from "./jobs-read.ts";
import { recorded } from "./recorded.ts";

type JobChanged = z.input<typeof jobChanged>;

/** Adds the routes that enqueue and change one job. */
export function addJobWrites(parts: ApiParts): void {
  addEnqueues(parts);
  addChange(parts);
}

function addEnqueues(parts: ApiParts): void {
  const { context } = parts;
  const { pool } = context;
  define(
    parts,
    {
      route: "POST /jobs",
      tag: "jobs",
      summary: "Enqueue a job",
      description:
        "Enqueues a job. `result` is `enqueued`, or `duplicate` if a job has the idempotency key: then `id` is its id.",
      body: newJob,
      bodyBytesMax: PAYLOAD_BODY_BYTES_MAX,
      answer: jobChanged,
    },
    async ({ access, body: { type, payload, ...given } }) => {
      const options = optionsOf(given);
      // The metadata is left out: as text, it could not be redacted in the log.
      const argument = { type, ...given, metadata: undefined };
      const command = createAuditor(pool, context.auditOf(access)).command("enqueue", argument);
      const { id, outcome } = await command.step(
        (tx) => createQueue(tx, context.telling).enqueue(type, jsonText("payload", payload), options),
        (result) => ({ changed: Number(result.outcome !== "duplicate"), before: [{ id: result.id }] }),
      );
      return { id, result: outcome, commandId: null };
    },
  );
  define(
    parts,
    {
      route: "POST /jobs/{id}/duplicate",
      tag: "jobs",
      summary: "Enqueue a job again",
      description: "Enqueues the same job again, due now, without its idempotency key. `id` is the new job.",
      params: jobParams,
      answer: jobChanged,
    },
    async ({ access, params }) => {
      const { id, outcome } = await context.queue(access).duplicate(params.id);
      return { id, result: outcome, commandId: null };
    },
  );
}

function addChange(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "PATCH /jobs/{id}",
      tag: "jobs",
      summary: "Change a queued job",
      description:
        "Changes the given fields, all or none. A payload or metadata with a redacted value cannot be changed, " +
        "because nobody has seen the whole of it.",
      params: jobParams,
      body: jobChange,
      bodyBytesMax: PAYLOAD_BODY_BYTES_MAX,
      answer: jobChanged,
    },
    async ({ access, params: { id }, body }): Promise<JobChanged> => {
      const queue = context.queue(access);
      const { payload, idempotencyKey, ...given } = body;
      const change = {
        ...optionsOf(given),
        ...(payload === undefined ? {} : { payload: jsonText("payload", payload) }),
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
      };
      await refuseRedacted(parts, queue, id, body);
      const work = (tx: Executor) => queue.change(id, change, { tx }).then(() => "changed");
      return { id, ...(await recorded(context.pool, work)) };
    },
  );
}

/** Refuses a change of JSON that the sender has seen only in part. */
async function refuseRedacted(
  { context: { redact } }: ApiParts,
  queue: Queue,
  id: string,
  change: z.output<typeof jobChange>,
): Promise<void> {
  const fields = (["payload", "metadata"] as const).filter((field) => change[field] !== undefined);
  if (redact.paths.length === 0 || fields.length === 0) return;
  const texts = await textsOf(queue, id, true);
  for (const field of fields) {
    const text = texts[field];
    const [path] = text === null ? redact.unread.hits : redact.text(text).hits;
    if (path === undefined) continue;
    throw new ApiError({
      status: 409,
      code: "JOB_REDACTED",
      field,
      detail: `The ${field} of job ${id} has a redacted value at ${path}: a change would lose it. Duplicate the job.`,
    });
  }
}

/** The fields of a new or changed job that are given as JSON or as instants, as the library reads them. */
function optionsOf<Given extends { runAt?: string | undefined; metadata?: string | undefined }>({
  runAt,
  metadata,
  ...rest
}: Given) {
  return withoutUndefined({
    ...rest,
    runAt: instantOf(runAt),
    metadata: metadata === undefined ? undefined : objectOf("metadata", metadata),
  });
}

function objectOf(field: string, text: string): Readonly<Record<string, JsonValue>> {
  const value = jsonOf(field, text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    // The cast is safe: the value is neither an array nor null.
    return value as Readonly<Record<string, JsonValue>>;
  }
  throw invalidRequest(field, "it is not a JSON object");
}

/** Checks a payload, and keeps its text: no number is rounded. */
function jsonText(field: string, text: string): JsonText {
  jsonOf(field, text);
  return new JsonText(text);
}
