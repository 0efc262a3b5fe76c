import { type MigrateResult, migrate } from "@millrace/schema/migrations";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";

/** Adds `millrace migrate`. */
export function addMigrate(parent: Command, host: CommandHost): void {
  parent
    .command("migrate")
    .description(
      "apply the migrations that the database lacks; safe to repeat, and to run twice at the same time",
    )
    .action(() => host.answer(migrateDatabase));
}

async function migrateDatabase({ pool }: CommandDatabase): Promise<Report> {
  const { applied, total, newer } = await migrate(pool);
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
