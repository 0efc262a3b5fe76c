import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules, type Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { Pool } from "pg";
import { auditIdentity } from "./audit-identity.ts";
import type { CommandIo } from "./command-io.ts";
import { chooseDatabaseUrl, type DatabaseLocation } from "./database-url.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { withDatabase } from "./open-database.ts";
import { jsonDocument } from "./output/json.ts";
import { type View, WIDTH_DEFAULT, wantsColor } from "./output/view.ts";
import { readClock } from "./store/read-clock.sql.ts";

/** A command's answer: a JSON document for scripts, and text for people. The text has no control characters. */
export interface Report {
  readonly json: unknown;
  /** The text, or a function that formats the text for a view. */
  readonly text: string | ((view: View) => string);
  /** Whether the command ends with exit code 1, although it has an answer. Default false. */
  readonly failed?: boolean;
}

/** An open database, as a command uses it. */
export interface CommandDatabase {
  readonly pool: Pool;
  readonly location: DatabaseLocation;
  readonly queue: Queue;
  readonly schedules: Schedules;
  /** Who gives the command, as the audit log has it. */
  readonly who: string;
  /** The time by the database's clock when the command began. */
  readonly now: Date;
}

/** What every command uses: the process, and the database and output that the common options choose. */
export interface CommandHost {
  readonly io: CommandIo;
  /** Whether the answer is for scripts. */
  isJson(): boolean;
  /** How text for people is to look. `now` is the time that relative times count from. */
  view(now: Date): View;
  /** Opens the database for `use`. `connections` is how many connections it needs at most, by default 1. */
  withDatabase<T>(use: (database: CommandDatabase) => Promise<T>, connections?: number): Promise<T>;
  /**
   * Opens the database, and reports what `give` returns. Commands that report in another way do not call `answer`.
   */
  answer(give: (database: CommandDatabase) => Promise<Report>, connections?: number): Promise<void>;
  /** Writes a command's answer. A command calls this once, after its work has succeeded. */
  report(report: Report, now: Date): void;
  /** The exit code of the command that has run. */
  exitCode(): ExitCode;
}

interface CommonOptions {
  json?: boolean;
  databaseUrl?: string;
  as?: string;
  absolute?: boolean;
}

/** Makes the host of the commands below `root`. The host reads the common options of `root` when a command runs. */
export function createCommandHost(root: Command, io: CommandIo): CommandHost {
  const options = () => root.opts<CommonOptions>();
  let command = root.name();
  root.hook("preAction", (_root, action) => {
    command = commandPath(action);
  });
  let exitCode: ExitCode = EXIT_CODES.done;
  const host: CommandHost = {
    io,
    isJson: () => options().json === true,
    view: (now) => ({
      width: io.terminal.columns() ?? WIDTH_DEFAULT,
      color: wantsColor(io),
      absolute: options().absolute === true,
      now,
    }),
    withDatabase: (use, connections = 1) =>
      withDatabase(
        chooseDatabaseUrl(options().databaseUrl, io.env),
        connections,
        async ({ pool, location }) => {
          const audit = auditIdentity({ as: options().as, env: io.env, osUser: io.osUser, command });
          const queue = createQueue(pool, { audit });
          const schedules = createSchedules(pool, { audit });
          return use({ pool, location, queue, schedules, who: audit.who, now: await readClock(pool) });
        },
      ),
    answer: (give, connections) =>
      host.withDatabase(async (database) => host.report(await give(database), database.now), connections),
    report: ({ json, text, failed = false }, now) => {
      if (failed) exitCode = EXIT_CODES.failed;
      io.stdout.write(host.isJson() ? jsonDocument(json) : `${textOf(text, () => host.view(now))}\n`);
    },
    exitCode: () => exitCode,
  };
  return host;
}

/** Formats the text of a report for a view. */
export function textOf(text: Report["text"], view: () => View): string {
  return typeof text === "string" ? text : text(view());
}

/** Returns a command with its parents, as a person types it: `millrace jobs cancel`. */
export function commandPath(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name());
  return names.join(" ");
}
