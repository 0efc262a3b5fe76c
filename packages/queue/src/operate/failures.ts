import { checkFields, checkSignal, checkText, type Executor, fieldNames, integerIn } from "@millrace/base";
import { errorFingerprint, firstLineOf } from "./error-fingerprint.ts";
import type { FailureGroup, FailureReport, FailuresFilter } from "./failure-report.ts";
import { LAST_ID } from "./id-part.ts";
import { checkInstant } from "./job-selection.ts";
import { type FailuresOfStep, readFailures } from "./read-failures.sql.ts";

/** How many failed and canceled jobs one statement reads. To compute their fingerprints takes some 50 ms. */
const STEP_ROWS = 2_000;
/** How many failed and canceled jobs are read in all. */
const ROWS_MAX = 2_000_000;

const FIELDS = fieldNames<FailuresFilter>({
  queue: true,
  type: true,
  finishedAfter: true,
  limit: true,
  jobs: true,
  rows: true,
  signal: true,
});

/**
 * Groups the failed jobs by type, queue and the fingerprint of their error. Reads the failed and canceled jobs from the
 * last enqueued to older ones, in bounded steps. Throws `InvalidOptionError`.
 */
export async function failures(db: Executor, filter: FailuresFilter): Promise<FailureReport> {
  const { limit, jobs, rows } = checkFilter(filter);
  const groups = new Map<string, FailureGroup>();
  let looked = 0;
  let before: string | null = LAST_ID;
  for (let read = 0; read < rows && looked < jobs && filter.signal?.aborted !== true; read += STEP_ROWS) {
    const step: FailuresOfStep = await readFailures(db, {
      before,
      limit: Math.min(STEP_ROWS, rows - read),
      most: jobs - looked,
      filter,
    });
    for (const each of step.failures) {
      addTo(groups, each);
      looked += each.count;
    }
    before = step.before;
    if (before === null) break;
  }
  const sorted = [...groups.values()].sort(
    (a, b) => b.count - a.count || b.lastAt.getTime() - a.lastAt.getTime(),
  );
  return { groups: sorted.slice(0, limit), looked, complete: before === null };
}

/** Adds the failed jobs of one message to the group of their kind. */
function addTo(
  groups: Map<string, FailureGroup>,
  { error, ...found }: FailuresOfStep["failures"][number],
): void {
  const fingerprint = errorFingerprint(error);
  const key = JSON.stringify([found.type, found.queue, fingerprint]);
  const group = groups.get(key);
  if (group === undefined) {
    groups.set(key, { ...found, fingerprint, error: firstLineOf(error) });
    return;
  }
  group.count += found.count;
  if (found.firstAt < group.firstAt) group.firstAt = found.firstAt;
  if (found.lastAt <= group.lastAt) return;
  group.lastAt = found.lastAt;
  group.exampleId = found.exampleId;
  group.error = firstLineOf(error);
}

function checkFilter(filter: FailuresFilter): { limit: number; jobs: number; rows: number } {
  checkFields("filter", filter, FIELDS);
  for (const name of ["queue", "type"] as const) if (name in filter) checkText(name, filter[name], 100);
  if (filter.finishedAfter !== undefined) checkInstant("finishedAfter", filter.finishedAfter);
  checkSignal(filter.signal);
  return {
    limit: integerIn("limit", filter.limit ?? 50, [1, 1_000]),
    jobs: integerIn("jobs", filter.jobs ?? 10_000, [1, 1_000_000]),
    rows: integerIn("rows", filter.rows ?? ROWS_MAX, [1, ROWS_MAX]),
  };
}
