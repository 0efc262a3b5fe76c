import {
  type LivingWorker,
  type MigrateResult,
  type MigrationStatus,
  migrate,
  readMigrationStatus,
  workerText,
} from "@millrace/schema/migrations";
import { type Command, Option } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { escapeControl } from "../output/escape-control.ts";

interface MigrateOptions {
  plan?: boolean;
  status?: boolean;
  force?: boolean;
}

/** Adds `millrace migrate`. */
export function addMigrate(parent: Command, host: CommandHost): void {
  parent
    .command("migrate")
    .description(
      "apply the migrations that the database lacks; safe to repeat, and to run twice at the same time",
    )
    .addOption(
      new Option("--plan", "print the SQL that would be run; exit code 1 if it would be refused").conflicts([
        "status",
        "force",
      ]),
    )
    .addOption(
      new Option(
        "--status",
        "tell which migrations are applied and pending, and which workers are alive; " +
          "exit code 1 unless all are applied",
      ).conflicts("force"),
    )
    .option("--force", "migrate although workers are alive that cannot live with a migration")
    .action(({ plan = false, status = false, force = false }: MigrateOptions) =>
      host.answer((database) => {
        if (plan) return planOf(database);
        return status ? statusOf(database) : migrateDatabase(database, force);
      }),
    );
}

async function migrateDatabase({ pool }: CommandDatabase, force: boolean): Promise<Report> {
  const { applied, total, newer } = await migrate(pool, { force });
  return { json: { applied, total, newer }, text: textOf({ applied, total, newer }) };
}

function textOf({ applied, total, newer }: MigrateResult): string {
  if (newer > 0) {
    return (
      `The database is newer than this program: ${newer} of its migrations are unknown here (known: ${total}). ` +
      "Nothing was changed. Use the release that made them."
    );
  }
  const upToDate = `The schema is up to date (migrations: ${total}).`;
  return applied === 0 ? upToDate : `Migrations applied: ${applied}. ${upToDate}`;
}

const PLAN_HEAD =
  "-- To be read. `millrace migrate` runs this in one transaction, and records each migration in millrace.migrations.";

/** The SQL that a migration would run, as a script that a person can read: comments say what belongs where. */
async function planOf({ pool }: CommandDatabase): Promise<Report> {
  const { pending } = await readMigrationStatus(pool);
  const blocked = pending.some(({ blockedBy }) => blockedBy.length > 0);
  const parts = pending.map(({ name, statements, blockedBy }) =>
    [
      `-- ${name}`,
      ...(blockedBy.length === 0
        ? []
        : [`-- Refused while these workers are alive: ${workersText(blockedBy)}`]),
      ...statements.map((statement) => (statement.endsWith(";") ? statement : `${statement};`)),
    ].join("\n"),
  );
  return {
    json: { pending: pending.map(({ name, statements, blockedBy }) => ({ name, statements, blockedBy })) },
    text: parts.length === 0 ? "-- No migration is missing." : [PLAN_HEAD, ...parts].join("\n\n"),
    failed: blocked,
  };
}

async function statusOf({ pool }: CommandDatabase): Promise<Report> {
  const status = await readMigrationStatus(pool);
  const { version, applied, pending, newer, workers } = status;
  return {
    json: {
      ...{ schema: version, applied, newer, workers },
      pending: pending.map(({ name, blockedBy }) => ({ name, blockedBy })),
    },
    text: statusText(status),
    failed: pending.length > 0 || newer > 0,
  };
}

function statusText({ version, applied, pending, newer, workers }: MigrationStatus): string {
  const last = applied.at(-1);
  const blocked = pending.filter(({ blockedBy }) => blockedBy.length > 0);
  return [
    last === undefined ? "Applied: none." : `Applied: ${applied.length}, the last is ${last}.`,
    pending.length === 0 ? "Pending: none." : `Pending: ${pending.map(({ name }) => name).join(", ")}.`,
    ...(newer === 0 ? [] : [newerText(version, newer)]),
    workers.length === 0
      ? "No worker is alive."
      : `Workers that are alive, by release: ${byRelease(workers)}.`,
    ...blocked.map(
      ({ name, blockedBy }) => `${name} is refused while these workers are alive: ${workersText(blockedBy)}.`,
    ),
  ].join("\n");
}

function newerText({ release, least, serves }: MigrationStatus["version"], newer: number): string {
  const may = serves
    ? "Workers of this release may work on it."
    : `It needs workers of a release with at least ${least} migrations; this release has ${release}.`;
  return `Unknown to this release: ${newer}, which a newer release has applied. ${may}`;
}

function byRelease(workers: readonly LivingWorker[]): string {
  const counts = new Map<string, number>();
  for (const { release } of workers) {
    const name = release ?? "an older release";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([release, count]) => `${escapeControl(release)}: ${count}`).join(", ");
}

const workersText = (workers: readonly LivingWorker[]) => escapeControl(workers.map(workerText).join(", "));
