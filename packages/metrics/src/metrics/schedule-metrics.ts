import type { SchedulerEvent } from "@millrace/scheduler";
import { Counter, type Registry } from "prom-client";

const TICK_OUTCOMES = ["enqueued", "duplicate", "overlap-skipped", "failed"] as const;

/** The metrics of what a scheduler of this process does. */
export class ScheduleMetrics {
  readonly #ticks: Counter<"outcome">;
  readonly #misfires: Counter;
  readonly #errors: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#ticks = new Counter({
      name: "millrace_schedule_ticks_total",
      help: "Ticks that this process found due, by outcome: enqueued, duplicate, overlap-skipped or failed.",
      labelNames: ["outcome"],
      registers,
    });
    this.#misfires = new Counter({
      name: "millrace_schedule_misfires_total",
      help: "How often ticks of a schedule were found late.",
      registers,
    });
    this.#errors = new Counter({
      name: "millrace_scheduler_errors_total",
      help: "Looks for due schedules that failed, and are tried again.",
      registers,
    });
    for (const outcome of TICK_OUTCOMES) this.#ticks.inc({ outcome }, 0);
  }

  /** Counts one event of a scheduler. */
  event(event: SchedulerEvent): void {
    if (event.kind === "tick") this.#ticks.inc({ outcome: event.outcome });
    else if (event.kind === "overlap-skipped") this.#ticks.inc({ outcome: "overlap-skipped" });
    else if (event.kind === "schedule-failed") this.#ticks.inc({ outcome: "failed" });
    else if (event.kind === "misfire") this.#misfires.inc();
    else if (event.kind === "error") this.#errors.inc();
  }
}
