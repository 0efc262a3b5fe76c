import type { Command } from "commander";
import type { CommandHost } from "../command-host.ts";
import { collect } from "../option/collect.ts";
import { integerBetween } from "../option/parse-integer.ts";

const PORT_DEFAULT = 3939;
const HOST_DEFAULT = "127.0.0.1";

interface DashboardCommandOptions {
  port: number;
  host: string;
  basePath: string;
  readOnly?: boolean;
  redact?: readonly string[];
  token?: string;
}

/** Adds `millrace dashboard`. */
export function addDashboard(parent: Command, host: CommandHost): void {
  parent
    .command("dashboard")
    .description("serve the dashboard's pages from this machine, until q or Ctrl-C ends")
    .option(
      "--port <port>",
      "the port to listen at; 0: any free one",
      integerBetween(0, 65_535),
      PORT_DEFAULT,
    )
    .option(
      "--host <address>",
      "the address to listen at; an address that other machines reach needs a token",
      HOST_DEFAULT,
    )
    .option("--base-path <path>", "the path of the pages, such as /ops (default: none)")
    .option("--read-only", "show everything, and change nothing")
    .option(
      "--redact <path>",
      "never send these values of payloads: card.number, **.password; may be repeated",
      collect((text) => text),
    )
    .option("--token <token>", "whoever knows this token may log in (default: MILLRACE_DASHBOARD_TOKEN)")
    .action(async ({ readOnly = false, redact = [], ...options }: DashboardCommandOptions) => {
      // The dashboard's packages take longer to load than the rest of the program.
      const { checkToken, serveUntilQuit } = await import("../dashboard/serve-until-quit.ts");
      const token = checkToken(options, host.io.env);
      await host.withDatabase((database) =>
        serveUntilQuit({ ...options, readOnly, redact, token }, host, database),
      );
    });
}
