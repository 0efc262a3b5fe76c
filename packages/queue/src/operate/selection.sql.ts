import { FINAL_STATES, type FinalState, type JobState } from "@millrace/schema/values";
import { isOpen } from "../job/places.sql.ts";
import { idAt, idsWithPrefix } from "./id-part.ts";
import type { JobSelection } from "./job-selection.ts";
import type { Parameters } from "./parameters.ts";

/** Where a command looks for jobs: the two tables, and the jobs in claims. */
export type JobPlace = "waiting_jobs" | "running_jobs" | "ended_jobs";

/** An SQL condition on a job `j`, for each place where a job can fit. A place without a condition is not read. */
export type Fits = Partial<Record<JobPlace, string>>;

/** The jobs that a command is about. */
export interface Chosen {
  filter: JobSelection;
  /** The states that the command allows. */
  states: readonly JobState[];
}

/** Adds a parameter, and returns the text that stands for it. */
type Add = (value: unknown) => string;

/** For each field of a selection: the SQL condition that a job `j` fits, in any place. */
const IN_ANY_PLACE: {
  readonly [Name in keyof JobSelection]?: (value: NonNullable<JobSelection[Name]>, add: Add) => string;
} = {
  queue: (queue, add) => `j.queue = ${add(queue)}::text`,
  type: (type, add) => `j.type = ${add(type)}::text`,
  // `j` is a row of a table, not of the view `jobs`, which has NULL once the schedule is deleted.
  scheduleId: (id, add) => `j.schedule_id = ${add(id)}::uuid`,
  ids: (ids, add) => `j.id = ANY(${add(ids)}::uuid[])`,
  idPrefix: (prefix, add) => {
    const { first, last } = idsWithPrefix(prefix);
    return `j.id BETWEEN ${add(first)}::uuid AND ${add(last)}::uuid`;
  },
  idSuffix: (suffix, add) => `right(j.id::text, ${suffix.length}) = ${add(suffix.toLowerCase())}::text`,
  idempotencyKey: (key, add) =>
    `j.id = (SELECT k.job_id FROM millrace.job_keys k WHERE k.key = ${add(key)}::text)`,
  tags: hasTags,
  payloadContains: (json, add) => `coalesce(j.payload,
      (SELECT p.payload FROM millrace.job_payloads p WHERE p.job_id = j.id)) @> ${add(JSON.stringify(json))}::jsonb`,
  errorIncludes: (text, add) => `strpos(lower(j.last_error), lower(${add(text)}::text)) > 0`,
  createdBefore: (instant, add) => `j.created_at < ${add(instant.toISOString())}::timestamptz`,
  createdAfter: (instant, add) => `j.created_at >= ${add(instant.toISOString())}::timestamptz`,
};

function hasTags(tags: readonly string[], add: Add): string {
  return `(j.settings -> 'tags') @> ${add(JSON.stringify(tags))}::jsonb`;
}

/** The condition that a job has tags. Adds the parameter that the condition needs. */
export function taggedWith(tags: readonly string[], parameters: Parameters): string {
  return hasTags(tags, (value) => parameters.add(value));
}

/**
 * The conditions on the jobs of a selection, in the places where there can be such jobs. The one source of these
 * conditions, for `list` and for every command on many jobs. Adds the parameters that the conditions need.
 */
export function fitsOf({ filter, states }: Chosen, parameters: Parameters): Fits {
  const places = placesOf({ filter, states });
  if (places.length === 0) return {};
  const add: Add = (value) => parameters.add(value);
  const common = Object.entries(IN_ANY_PLACE).flatMap(([name, condition]) => {
    const value = filter[name as keyof JobSelection];
    // The cast is safe: the condition is that of the field which the value is from.
    return value === undefined ? [] : [(condition as (value: unknown, add: Add) => string)(value, add)];
  });
  const own: Record<JobPlace, () => string[]> = {
    waiting_jobs: () =>
      filter.dueBefore === undefined
        ? []
        : [`j.run_at < ${add(filter.dueBefore.toISOString())}::timestamptz`],
    running_jobs: () => [],
    ended_jobs: () => endedConditions({ filter, states }, add),
  };
  return Object.fromEntries(
    places.map((place) => [place, `(${[...common, ...own[place](), "true"].join(" AND ")})`]),
  );
}

/**
 * The conditions on the ids of a selection that names its jobs, each as ` AND ...`: an index finds these jobs. Adds the
 * parameters that the conditions need.
 */
export function namedIds(filter: JobSelection, parameters: Parameters): string {
  return idConditions(filter, ["ids", "idempotencyKey"], parameters).join("");
}

/**
 * The conditions on the ids of a selection's jobs, each as ` AND ...`, for a scan of a primary key that is to begin and
 * end with these ids. Adds the parameters that the conditions need.
 *
 * An id of version 7 begins with the time at which the job's id was made, by the clock of the machine that enqueued.
 * So jobs of a time are looked for among the ids of that time, and of a day before and after.
 */
export function idRange(filter: JobSelection, parameters: Parameters): string {
  const conditions = idConditions(filter, ["idPrefix"], parameters);
  const before = earliest(filter.createdBefore, filter.finishedBefore);
  const idAfter = (instant: Date, ms: number) => `${parameters.add(idAt(instant.getTime() + ms))}::uuid`;
  if (before !== undefined) conditions.push(` AND j.id < ${idAfter(before, CLOCKS_DIFFER_MS)}`);
  if (filter.createdAfter !== undefined) {
    conditions.push(` AND j.id >= ${idAfter(filter.createdAfter, -CLOCKS_DIFFER_MS)}`);
  }
  return conditions.join("");
}

function idConditions(
  filter: JobSelection,
  names: readonly ("ids" | "idPrefix" | "idempotencyKey")[],
  parameters: Parameters,
): string[] {
  return names.flatMap((name) => {
    const value = filter[name];
    if (value === undefined) return [];
    // The cast is safe: the condition is that of the field which the value is from.
    const condition = IN_ANY_PLACE[name] as (value: unknown, add: Add) => string;
    return [` AND ${condition(value, (each) => parameters.add(each))}`];
  });
}

/** By how much the clocks of machines that enqueue may differ from the database's clock, in ms. */
const CLOCKS_DIFFER_MS = 86_400_000;

function earliest(...instants: readonly (Date | undefined)[]): Date | undefined {
  const given = instants.flatMap((instant) => instant ?? []);
  return given.length === 0 ? undefined : new Date(Math.min(...given.map((instant) => instant.getTime())));
}

/** The places where a job that fits can be. */
function placesOf({ filter, states }: Chosen): JobPlace[] {
  const wanted = filter.state === undefined ? states : states.filter((state) => state === filter.state);
  const finished = filter.finishedBefore !== undefined || filter.finishedAfter !== undefined;
  const due = filter.dueBefore !== undefined;
  const places: [JobPlace, boolean][] = [
    ["waiting_jobs", wanted.includes("queued") && !finished],
    ["running_jobs", wanted.includes("running") && !finished && !due],
    ["ended_jobs", finalStates(wanted).length > 0 && !due],
  ];
  return places.flatMap(([place, canFit]) => (canFit ? [place] : []));
}

function endedConditions({ filter, states }: Chosen, add: Add): string[] {
  const conditions: string[] = [];
  const wanted = finalStates(filter.state === undefined ? states : [filter.state]);
  if (wanted.length < FINAL_STATES.length) {
    conditions.push(`j.state = ANY(${add(wanted)}::text[])`);
  }
  const { finishedBefore, finishedAfter } = filter;
  if (finishedBefore !== undefined) {
    conditions.push(`j.ended_at < ${add(finishedBefore.toISOString())}::timestamptz`);
  }
  if (finishedAfter !== undefined) {
    conditions.push(`j.ended_at >= ${add(finishedAfter.toISOString())}::timestamptz`);
  }
  return conditions;
}

function finalStates(states: readonly JobState[]): readonly FinalState[] {
  return FINAL_STATES.filter((state) => states.includes(state));
}

/** The arrays of a claim `c` that conditions may name, by the column of its unpacked jobs. */
const CLAIM_COLUMNS: Readonly<Record<string, string>> = {
  type: "types",
  payload: "payloads",
  last_error: "last_errors",
  schedule_id: "schedule_ids",
  created_at: "created_ats",
  settings: "settings",
};

/**
 * The relation `j` of a place, for a condition on its jobs. The relation of the running jobs unpacks only the arrays
 * that the condition names: to read the payloads, for instance, PostgreSQL would decompress them. `among` is SQL for
 * the ids that the jobs are among: then claims without such a job are not unpacked.
 */
export function jobsOf(place: JobPlace, condition: string, among?: string): string {
  if (place !== "running_jobs") return `millrace.${place} j`;
  const named = Object.entries(CLAIM_COLUMNS).filter(([column]) =>
    new RegExp(`\\bj\\.${column}\\b`).test(condition),
  );
  const columns = named.map(([column]) => `, job.${column}`).join("");
  const arrays = ["c.ids", ...named.map(([, array]) => `c.${array}`)].join(", ");
  const names = ["id", ...named.map(([column]) => column), "ordinal"].join(", ");
  return `(
      SELECT job.id, c.queue${columns}
      FROM millrace.claims c, LATERAL unnest(${arrays}) WITH ORDINALITY AS job(${names})
      WHERE ${isOpen("job.ordinal")}${among === undefined ? "" : ` AND c.ids && ${among}`}) j`;
}
