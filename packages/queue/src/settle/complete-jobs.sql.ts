import { type Executor, queryPrepared } from "@millrace/base";
import { heldRuns, leaseArrays, leaveClaims, runKey } from "../job/held-runs.sql.ts";
import type { Completion, Lease } from "../job/job.ts";
import { byPolicy, LOCK_POLICIES, type LockPolicy } from "../job/lock-policy.sql.ts";
import { toState } from "../job/transitions.ts";
import type { Unwritten } from "../job/unwritten-runs.sql.ts";
import { writeFenced } from "../job/write-fenced.ts";
import { endJobs } from "../wake/end-jobs.sql.ts";

/**
 * Guarantees: only a run that still holds its lease is completed. Its job leaves the claim and becomes completed in one
 * statement.
 * Index: claims_pkey, claim by claim (see `heldRuns`).
 * No row: never. The one row has null if every given run was completed, else the runs that were.
 */
function completeText(policy: LockPolicy, { withOutput }: { withOutput: boolean }): string {
  const given = withOutput ? { columns: ", output", arrays: ", $3::jsonb[]" } : {};
  const set = {
    state: toState("complete"),
    ended_at: "now()",
    ...(withOutput ? { output: "r.output" } : {}),
  };
  const ended = endJobs({ relation: "held", set, returning: "RETURNING id, lease_token" });
  return `${heldRuns({ policy, ...given })}${leaveClaims("held")}, ${ended}
  SELECT CASE WHEN count(*) < cardinality($1::uuid[])
              THEN coalesce(string_agg(id || ' ' || lease_token, ','), '') END AS some
  FROM ended`;
}

/** Most handlers return nothing. A batch without outputs has no column for them. */
const COMPLETE = {
  bare: byPolicy(LOCK_POLICIES, (policy) => completeText(policy, { withOutput: false })),
  withOutput: byPolicy(LOCK_POLICIES, (policy) => completeText(policy, { withOutput: true })),
};

/** The names of the two prepared statements. Statements of other policies are rare, and are not prepared. */
const PREPARED = { bare: "millrace_complete_2", withOutput: "millrace_complete_output_2" };

/** Completes runs. Returns the runs that it did not complete, and why. */
export function completeJobs(
  db: Executor,
  completions: readonly Completion[],
  policy: LockPolicy,
): Promise<Unwritten> {
  return writeFenced(db, {
    items: completions,
    policy,
    send: (items, policy) => complete(db, items, policy),
  });
}

/** Completes runs by one statement. Returns the runs that it did not complete. */
async function complete(
  db: Executor,
  completions: readonly Completion[],
  policy: LockPolicy,
): Promise<Lease[]> {
  const withOutput = completions.some((completion) => completion.output != null);
  const which = withOutput ? "withOutput" : "bare";
  const values: unknown[] = leaseArrays(completions);
  if (withOutput) values.push(completions.map((completion) => completion.output ?? null));
  const text = COMPLETE[which][policy];
  const { rows } =
    policy === "wait briefly"
      ? await queryPrepared(db, PREPARED[which], [text, values])
      : await db.query(text, values);
  const some = (rows as { some: string | null }[])[0]?.some ?? null;
  if (some === null) return [];
  const completed = new Set(some.split(","));
  return completions.filter((completion) => !completed.has(runKey(completion)));
}
