import type { LivingWorker } from "./living-workers.sql.ts";
import type { MigrationRule } from "./migration-rules.ts";

/** A pending migration that workers which are alive cannot live with. Nothing was changed. */
export class WorkersAliveError extends Error {
  readonly code = "WORKERS_ALIVE";
  /** The name of the first such migration. */
  readonly migration: string;
  /** The workers that cannot live with the migration. */
  readonly workers: readonly LivingWorker[];
  constructor({ migration, because }: MigrationRule, workers: readonly LivingWorker[]) {
    super(
      `The migration ${migration} was refused, because ${because}, and workers of such releases are alive: ` +
        `${workers.map(workerText).join(", ")}. Nothing was changed. Stop these workers, which gives their jobs ` +
        "back, wait until they are gone for 30 s, and migrate again.",
    );
    this.name = "WorkersAliveError";
    this.migration = migration;
    this.workers = workers;
  }
}

/** Names a worker with its release, for people. */
export function workerText({ id, release }: LivingWorker): string {
  return `${id} (${release === null ? "an older release" : `release ${release}`})`;
}

/** The rules of the pending migrations that living workers break, each with these workers. */
export function brokenRules(
  pending: readonly string[],
  { rules, workers }: { rules: readonly MigrationRule[]; workers: readonly LivingWorker[] },
): { rule: MigrationRule; workers: LivingWorker[] }[] {
  return rules
    .filter(({ migration }) => pending.includes(migration))
    .map((rule) => ({
      rule,
      workers: workers.filter(({ schema }) => schema === null || schema < rule.leastSchema),
    }))
    .filter((broken) => broken.workers.length > 0);
}
