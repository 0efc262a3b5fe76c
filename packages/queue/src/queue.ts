import { checkQueryable, type Queryable } from "@millrace/base";
import { createProducer, type Producer } from "./enqueue/producer.ts";
import { explainingErrors } from "./explain-missing-schema.ts";
import { createJobCommands, type JobCommands } from "./operate/job-commands.ts";
import { createRuns, type Runs } from "./queue-runs.ts";

/** The queue on one database: what enqueues jobs, the commands on them, and their runs. */
export interface Queue extends Producer, JobCommands {
  /** Claims jobs, and writes what becomes of their runs. A worker does it for you. */
  readonly runs: Runs;
}

/** The queue on a database: a pg pool, or a Drizzle database. Does nothing until one of its methods is called. */
export function createQueue(db: Queryable): Queue {
  checkQueryable("db", db);
  return {
    ...explainingErrors(createProducer(db)),
    ...explainingErrors(createJobCommands(db)),
    runs: explainingErrors(createRuns(db)),
  };
}
