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

/** How often progress is told, in ms: the precision of a drain's end before its state is asked of the database. */
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

/** Resolves when the message is on its way: a report of many latencies takes a while to write. */
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
  // The boundary: the argument was written by the parent.
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
  // The parent has what it wanted, or is gone: either way there is no reason to go on.
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
