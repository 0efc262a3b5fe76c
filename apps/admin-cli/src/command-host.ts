import { createQueue, type Queue } from "@millrace/queue";
import { createSchedules, type Schedules } from "@millrace/scheduler";
import type { Command } from "commander";
import type { Pool } from "pg";
import type { CommandIo } from "./command-io.ts";
import { chooseDatabaseUrl } from "./database-url.ts";
import { withDatabase } from "./open-database.ts";
import { jsonDocument } from "./output/json.ts";

/** A command's answer: a JSON document for scripts, and text for people. The text has no control characters. */
export interface Report {
  readonly json: unknown;
  readonly text: string;
}

/** What every command uses: its process, and the database and output that the common options choose. */
export interface CommandHost {
  readonly io: CommandIo;
  withPool<T>(use: (pool: Pool) => Promise<T>): Promise<T>;
  withQueue<T>(use: (queue: Queue) => Promise<T>): Promise<T>;
  withSchedules<T>(use: (schedules: Schedules) => Promise<T>): Promise<T>;
  /** Writes a command's answer. A command calls this once, after its work has succeeded. */
  report(report: Report): void;
}

interface CommonOptions {
  json?: boolean;
  databaseUrl?: string;
}

/** Makes the host of the commands below `root`. The host reads the common options of `root` when a command runs. */
export function createCommandHost(root: Command, io: CommandIo): CommandHost {
  const options = () => root.opts<CommonOptions>();
  const withPool: CommandHost["withPool"] = async (use) =>
    withDatabase(chooseDatabaseUrl(options().databaseUrl, io.env), use);
  return {
    io,
    withPool,
    withQueue: (use) => withPool((pool) => use(createQueue(pool))),
    withSchedules: (use) => withPool((pool) => use(createSchedules(pool))),
    report: ({ json, text }) => {
      io.stdout.write(options().json === true ? jsonDocument(json) : `${text}\n`);
    },
  };
}
