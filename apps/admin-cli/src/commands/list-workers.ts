import type { WorkerStatus } from "@millrace/queue";
import type { Command } from "commander";
import type { CommandDatabase, CommandHost, Report } from "../command-host.ts";
import { sinceText } from "../output/job-text.ts";
import { type Cell, cut, right, table } from "../output/table.ts";
import type { View } from "../output/view.ts";
import { addWatch, answerAndWatch, type WatchOptions } from "../watch.ts";

/** Adds `millrace workers list`. */
export function addListWorkers(parent: Command, host: CommandHost): void {
  const command = parent
    .command("list")
    .description("list the workers, what they claim, and how many jobs each one runs");
  addWatch(command).action((options: WatchOptions) => answerAndWatch(host, options, listWorkers));
}

async function listWorkers({ queue }: CommandDatabase): Promise<Report> {
  const workers = await queue.workers();
  return { json: { workers: workers.map(workerJson) }, text: (view) => workersTable(view, workers) };
}

function workerJson(worker: WorkerStatus) {
  const { id, queues, types, startedAt, seenAt, alive, asleep, running, oldestRunAt, leaseUntil } = worker;
  return { id, queues, types, startedAt, seenAt, alive, asleep, running, oldestRunAt, leaseUntil };
}

function workersTable(view: View, workers: readonly WorkerStatus[]): string {
  if (workers.length === 0) return "No workers.";
  return table(
    view,
    [cut("WORKER"), "STATE", "SEEN", right("RUNNING"), "OLDEST", cut("QUEUES"), cut("TYPES")],
    workers.map((worker) => [
      worker.id,
      workerState(worker),
      worker.seenAt,
      worker.running,
      sinceText(view, worker.oldestRunAt),
      listText(worker.queues),
      listText(worker.types),
    ]),
  );
}

function workerState({ alive, asleep, seenAt }: WorkerStatus): Cell {
  if (seenAt === null) return "unknown";
  if (!alive) return { value: "gone", paint: "bad" };
  return asleep ? { value: "asleep", paint: "faint" } : { value: "awake", paint: "good" };
}

function listText(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.join(", ");
}
