import { readSchemaVersion } from "@millrace/schema/migrations";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import {
  checkLeases,
  checkSchema,
  checkWaiting,
  checkWorkers,
  chosenWorkers,
  type HealthCheck,
  type WorkerChoice,
} from "../health/health-checks.ts";
import { parseDelay } from "../option/parse-delay.ts";
import { nameUpTo } from "../option/parse-name.ts";
import { escapeControl } from "../output/escape-control.ts";
import { paint, type View } from "../output/view.ts";

interface HealthOptions extends WorkerChoice {
  queue?: string;
  maxWait?: number;
}

/** How far to count in each queue: only the age of the oldest due job is used. */
const COUNT_MAX = 1;

/** Adds `millrace health`. */
export function addHealth(parent: Command, host: CommandHost): void {
  parent
    .command("health")
    .description(
      "check whether workers live, renew their leases, and fit the schema; exit code 1 if not: for probes",
    )
    .option("--worker <id>", "only the worker with this id", nameUpTo(100))
    .option("--host <name>", "only workers of this host, as hostname prints it", nameUpTo(255))
    .option("--queue <name>", "only due jobs of this queue", nameUpTo(100))
    .option("--max-wait <delay>", "fail if a job has been due for longer, such as 10m", parseDelay)
    .action((options: HealthOptions) => host.answer((database) => checkHealth(database, options)));
}

async function checkHealth({ pool, queue, now }: CommandDatabase, options: HealthOptions): Promise<Report> {
  const { queue: name, maxWait } = options;
  const schema = checkSchema(await readSchemaVersion(pool));
  // An older schema may lack what the other checks read.
  const checks = [schema];
  if (schema.ok) {
    const workers = chosenWorkers(await queue.workers(), options);
    checks.push(
      checkWorkers(workers, options, now),
      checkLeases(workers, now),
      checkWaiting(await queue.depths({ max: COUNT_MAX }), {
        ...(name === undefined ? {} : { queue: name }),
        ...(maxWait === undefined ? {} : { maxWaitMs: maxWait }),
      }),
    );
  }
  const healthy = checks.every(({ ok }) => ok);
  return {
    json: { healthy, checks },
    text: (view) => checks.map((check) => checkText(view, check)).join("\n"),
    failed: !healthy,
  };
}

function checkText(view: View, { name, ok, detail }: HealthCheck): string {
  return `${paint(view, ok ? "good" : "bad", ok ? "ok  " : "FAIL")} ${name}: ${escapeControl(detail)}`;
}
