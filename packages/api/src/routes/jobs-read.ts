import { z } from "@hono/zod-openapi";
import { InvalidOptionError } from "@millrace/base";
import { type Job, JobNotFoundError, type JobTexts, type Queue } from "@millrace/queue";
import { ScheduleNotFoundError, type Schedules } from "@millrace/scheduler";
import type { ApiContext } from "../api-context.ts";
import { cursor, instant, jobId, name } from "../contract/common.ts";
import {
  failureReport,
  jobCount,
  jobDetail,
  jobExplanation,
  jobPage,
  jobSelection,
} from "../contract/job.ts";
import { badCursor, decodeCursor, encodeCursor } from "../cursor.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";
import { REDACTED_LENGTH_MAX } from "../redact/redactor.ts";
import { HIDDEN, refuseHiddenFilter } from "../rights.ts";
import { readJobEvents } from "../store/read-job-events.sql.ts";
import { withinTime } from "../within-time.ts";
import { withoutUndefined } from "../without-undefined.ts";
import { ATTEMPTS_MAX, detailOf, PREVIEWED_BYTES_MAX, summaryOf } from "./job-answer.ts";
import { instantOf, selectionOf } from "./job-selection.ts";

/** How long a request looks at failed jobs, in ms. */
const FAILURES_MS = 3_000;

/**
 * How many failed jobs are grouped, and how many failed and canceled jobs are read to find them. Pages ask every few
 * seconds, so the answer must cost little, also where few of many jobs fit.
 */
const FAILURES_OF = { jobs: 5_000, rows: 10_000 } as const;

/** How many jobs of each table a count looks at: fewer of the failed and canceled jobs, which lie far apart. */
const COUNTED_ROWS = 50_000;
const COUNTED_ROWS_OF_NOT_COMPLETED = 10_000;

/** The filters of jobs in a query: ids and tags are given one by one. */
const selectionQuery = jobSelection.omit({ ids: true, tags: true }).extend({
  id: z.array(jobId).max(400).optional(),
  tag: z.array(z.string().min(1).max(100)).max(20).optional(),
});

const listQuery = selectionQuery.extend({
  order: z.enum(["newest", "oldest-due"]).default("newest"),
  cursor: cursor.optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

const failuresQuery = z.strictObject({
  queue: name.optional(),
  type: name.optional(),
  finishedAfter: instant.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
});

/** Where the next page of jobs begins. */
const jobCursor = z.strictObject({ order: z.enum(["newest", "oldest-due"]), before: z.string().max(200) });

/** The path of one job. */
export const jobParams = z.object({ id: jobId });

/** Adds the routes that read jobs. */
export function addJobReads(parts: ApiParts): void {
  addLists(parts);
  addFailures(parts);
  addOneJob(parts);
}

function addLists(parts: ApiParts): void {
  const { context } = parts;
  const { redact } = context;
  const filterOf = ({ id: ids, tag: tags, ...rest }: z.output<typeof selectionQuery>) =>
    selectionOf({ ...rest, ids, tags }, redact);
  define(
    parts,
    {
      route: "GET /jobs",
      tag: "jobs",
      summary: "List jobs",
      description:
        "Jobs that match every given field: the newest first, or queued jobs in the order in which they come due. " +
        "Looks at a bounded number of jobs, so a page may have few jobs, or none, and yet have a `next`.",
      query: listQuery,
      answer: jobPage,
    },
    async ({ access, query: { order, cursor: given, limit, ...selection } }) => {
      const queue = context.queue(access);
      const from = given === undefined ? undefined : decodeCursor(jobCursor, given);
      if (from !== undefined && from.order !== order) throw badCursor();
      const rights = await context.rights();
      refuseHiddenFilter(rights, selection);
      const filter = { ...filterOf(selection), order, limit, ...withoutUndefined({ before: from?.before }) };
      const { jobs, before, lookedBackTo } = await queue
        .search(filter, { json: false })
        .catch((error: unknown) => {
          throw from !== undefined && isAboutCursor(error) ? badCursor() : error;
        });
      const ids = jobs.map(({ id }) => id);
      const texts = rights.json ? await queue.texts(ids, { bytesMax: PREVIEWED_BYTES_MAX }) : [];
      const payloads = new Map(texts.map(({ id, payload }) => [id, payload]));
      return {
        jobs: jobs.map((job) => summaryOf(job, payloads.get(job.id) ?? null, redact)),
        next: before === null ? null : encodeCursor({ order, before }),
        lookedBackTo: iso(lookedBackTo),
      };
    },
  );
  define(
    parts,
    {
      route: "GET /jobs/count",
      tag: "jobs",
      summary: "Count jobs",
      description:
        "Counts the jobs that match every given field, up to 10,000. Looks at a bounded number of jobs.",
      query: selectionQuery,
      answer: jobCount,
    },
    async ({ access, query }) => {
      refuseHiddenFilter(await context.rights(), query);
      const isFarApart = query.state === "failed" || query.state === "canceled";
      const rows = isFarApart ? COUNTED_ROWS_OF_NOT_COMPLETED : COUNTED_ROWS;
      return context.queue(access).count(filterOf(query), { rows });
    },
  );
}

function addFailures(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /jobs/failures",
      tag: "jobs",
      summary: "Group failed jobs by what went wrong",
      description:
        "Failed jobs by type, queue and error. Errors that differ only in ids, numbers and quoted values are one " +
        "kind. Looks at a bounded number of jobs, the last enqueued first; `complete` says whether these were all.",
      query: failuresQuery,
      answer: failureReport,
    },
    ({ access, query: { finishedAfter, ...query } }) =>
      withinTime(context, FAILURES_MS, async (signal) => {
        const filter = withoutUndefined({ ...query, finishedAfter: instantOf(finishedAfter) });
        const { groups, ...report } = await context
          .queue(access)
          .failures({ ...filter, ...FAILURES_OF, signal });
        const dated = groups.map((group) => ({
          ...group,
          firstAt: iso(group.firstAt),
          lastAt: iso(group.lastAt),
        }));
        return { ...report, groups: dated };
      }),
  );
}

function addOneJob(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /jobs/{id}",
      tag: "jobs",
      summary: "Read a job",
      description: "Everything about one job, with the runs that did not complete it: the last 200.",
      params: jobParams,
      answer: jobDetail,
    },
    async ({ access, params: { id } }) => {
      const queue = context.queue(access);
      const { json } = await context.rights();
      const job = await queue.get(id, { json });
      const texts = json
        ? await textsOf(queue, id, context.redact.paths.length > 0)
        : await hiddenTextsOf(context, job);
      const attempts = await queue.attempts(id, { last: ATTEMPTS_MAX });
      const scheduleName = await nameOfSchedule(context.schedules(access), job.scheduleId);
      return detailOf({ job, texts, attempts, scheduleName }, context.redact);
    },
  );
  define(
    parts,
    {
      route: "GET /jobs/{id}/explanation",
      tag: "jobs",
      summary: "Explain a job",
      description:
        "Why the job is not running, where it runs, or what became of it: every reason that holds.",
      params: jobParams,
      answer: jobExplanation,
    },
    async ({ access, params: { id } }) => {
      const { reasons } = await context.queue(access).explain(id, { json: false });
      return { reasons: reasons.map((reason) => ({ ...reason })) };
    },
  );
}

/** Returns the JSON of a job. With redaction, no text is read that is too long to redact. */
export async function textsOf(queue: Queue, id: string, redacts: boolean) {
  const [texts] = await queue.texts([id], redacts ? { bytesMax: REDACTED_LENGTH_MAX } : {});
  if (texts === undefined) throw new JobNotFoundError(id);
  return texts;
}

/** What is shown of the JSON of a job that the database's role may not read: its progress and its metadata. */
async function hiddenTextsOf({ pool }: ApiContext, job: Job): Promise<JobTexts> {
  const { values } = await readJobEvents(pool, [job.id]);
  return {
    id: job.id,
    payload: HIDDEN,
    output: job.state === "completed" ? HIDDEN : null,
    progress: values.get(job.id)?.progress ?? null,
    metadata: JSON.stringify(job.metadata),
  };
}

/** The name of a job's schedule; null if there is none, or no more. */
async function nameOfSchedule(schedules: Schedules, id: string | null): Promise<string | null> {
  if (id === null) return null;
  try {
    return (await schedules.get(id, { json: false })).name;
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return null;
    throw error;
  }
}

/** Whether an error says that a page cannot begin where a cursor says. */
function isAboutCursor(error: unknown): boolean {
  return (
    error instanceof JobNotFoundError || (error instanceof InvalidOptionError && error.option === "before")
  );
}
