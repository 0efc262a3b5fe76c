import { migrate } from "@millrace/schema";
import type { Command } from "commander";
import type { Pool } from "pg";
import type { CommandHost, Report } from "../command-host.ts";

/** Adds `millrace migrate`. */
export function addMigrate(parent: Command, host: CommandHost): void {
  parent
    .command("migrate")
    .description("bring the database to this release's schema; safe to run at any time")
    .action(async () => host.report(await host.withPool(migrateDatabase)));
}

async function migrateDatabase(pool: Pool): Promise<Report> {
  const { applied, total } = await migrate(pool);
  const text =
    applied === 0
      ? `The schema is up to date (migrations: ${total}).`
      : `Migrations applied: ${applied}. The schema is up to date (migrations: ${total}).`;
  return { json: { applied, total }, text };
}
