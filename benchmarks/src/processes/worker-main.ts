import { adapterOf } from "../adapters/registry.ts";
import { monotonicMs } from "../monotonic-ms.ts";
import type { Payload } from "../payload.ts";
import {
  isMessage,
  type Progress,
  type WorkerCommand,
  type WorkerMessage,
  type WorkerSpec,
} from "./worker-message.ts";

/** How often the process reports progress, in ms. Once all jobs are handled, the parent asks the database instead. */
const PROGRESS_MS = 10;

const progress: Progress = { handled: 0, firstStartAt: null, lastDoneAt: null, cpuMs: 0 };
const latencies: number[] = [];
let cpuAtStart = process.cpuUsage();

function begin(payload: Payload): void {
  const now = monotonicMs();
  if (progress.firstStartAt === null) {
    progress.firstStartAt = now;
    cpuAtStart = process.cpuUsage();
  }
  if (payload.sentAt > 0) latencies.push(now - payload.sentAt);
}

/** Sends a message to the parent. Resolves when the message is written: many latencies take a while. */
function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => process.send?.(message, () => resolve()));
}

function tellProgress(): void {
  const used = process.cpuUsage(cpuAtStart);
  progress.cpuMs = (used.user + used.system) / 1_000;
  progress.lastDoneAt = monotonicMs();
  void tell({ kind: "progress", progress });
}

async function main(): Promise<void> {
  // The boundary: the parent process wrote the argument.
  const spec = JSON.parse(process.argv[2] ?? "{}") as WorkerSpec;
  const worker = await adapterOf(spec.adapterId).openWorker({
    url: spec.url,
    concurrency: spec.concurrency,
    handle: spec.handlerMs > 0 ? (payload) => handleFor(payload, spec.handlerMs) : handleAtOnce,
  });

  let told = 0;
  const ticking = setInterval(() => {
    if (progress.handled === told) return;
    told = progress.handled;
    tellProgress();
  }, PROGRESS_MS);

  process.on("message", async (message) => {
    if (!isMessage<WorkerCommand>(message)) return;
    if (message.kind === "start") await worker.start();
    else {
      clearInterval(ticking);
      await tell({ kind: "report", progress, latencies });
      await worker.stop();
      await tell({ kind: "stopped" });
    }
  });
  // The parent has its report or is gone. Either way this process is no longer needed.
  process.on("disconnect", () => process.exit(0));
  await tell({ kind: "ready" });
}

function handleAtOnce(payload: Payload): undefined {
  begin(payload);
  progress.handled += 1;
}

async function handleFor(payload: Payload, ms: number): Promise<void> {
  begin(payload);
  await new Promise((resolve) => setTimeout(resolve, ms));
  progress.handled += 1;
}

await main();
