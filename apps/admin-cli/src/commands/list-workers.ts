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
    .description("list the workers: whether each is alive, what it claims, and how many jobs it runs");
  addWatch(command).action((options: WatchOptions) => answerAndWatch(host, options, listWorkers));
}

async function listWorkers({ queue }: CommandDatabase): Promise<Report> {
  const workers = await queue.workers();
  return { json: { workers: workers.map(workerJson) }, text: (view) => workersTable(view, workers) };
}

function workerJson(worker: WorkerStatus) {
  const { id, queues, types, release, concurrency, pausedAt, startedAt, seenAt, alive, asleep } = worker;
  const { running, oldestRunAt, leaseUntil, counts, crashed } = worker;
  return {
    ...{ id, queues, types, release, concurrency, pausedAt, startedAt, seenAt, alive, asleep },
    ...{ running, oldestRunAt, leaseUntil, counts, crashed },
  };
}

function workersTable(view: View, workers: readonly WorkerStatus[]): string {
  if (workers.length === 0) return "No workers.";
  return table(
    view,
    [
      ...[cut("WORKER"), "STATE", "SEEN", right("RUNNING"), "OLDEST", right("LOST"), "RELEASE"],
      ...[cut("QUEUES"), cut("TYPES")],
    ],
    workers.map((worker) => [
      worker.id,
      workerState(worker),
      worker.seenAt,
      runningText(worker),
      sinceText(view, worker.oldestRunAt),
      lostText(worker),
      worker.release,
      listText(worker.queues),
      listText(worker.types),
    ]),
  );
}

/** How many jobs a worker runs, of how many at a time. It may have claimed more jobs than it runs. */
function runningText({ running, concurrency }: WorkerStatus): Cell {
  return concurrency === null ? running : `${running}/${concurrency}`;
}

function workerState({ alive, asleep, pausedAt, seenAt }: WorkerStatus): Cell {
  if (seenAt === null) return "unknown";
  if (!alive) return { value: "gone", paint: "bad" };
  if (pausedAt !== null) return { value: "paused", paint: "warning" };
  return asleep ? { value: "asleep", paint: "faint" } : { value: "awake", paint: "good" };
}

/** How many runs of a worker crashed, and how many had their outcome refused: `3+2`. */
function lostText({ crashed, counts: { refused } }: WorkerStatus): Cell {
  return crashed + refused === 0 ? 0 : { value: `${crashed}+${refused}`, paint: "bad" };
}

function listText(names: readonly string[]): string | null {
  return names.length === 0 ? null : names.join(", ");
}
