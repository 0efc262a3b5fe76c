import { migrateRoles, rolesScript } from "@millrace/schema/migrations";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";

/** Adds `millrace roles`. */
export function addMakeRoles(parent: Command, host: CommandHost): void {
  parent
    .command("roles")
    .description(
      "create the roles millrace_producer, millrace_worker, millrace_viewer and millrace_admin where they are " +
        "missing, and give them their rights; safe to repeat",
    )
    .option("--print", "print the SQL instead, for somebody with the right to create roles")
    .action(async ({ print = false }: { print?: boolean }) => {
      if (!print) return host.answer(makeRoles);
      const sql = rolesScript();
      // The script ends with a line break, and so does a report.
      host.report({ json: { sql }, text: sql.trimEnd() }, new Date(host.io.now()));
    });
}

async function makeRoles({ pool }: CommandDatabase): Promise<Report> {
  const { created } = await migrateRoles(pool);
  const made = created.length === 0 ? "No role was missing." : `Roles created: ${created.join(", ")}.`;
  return { json: { created }, text: `${made} Each role has its rights.` };
}
