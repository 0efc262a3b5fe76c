import { fileURLToPath } from "node:url";
import { askProcess } from "./ask-process.ts";
import type { EnqueueMessage, EnqueueReport, EnqueueSpec } from "./enqueue-message.ts";

const PROGRAM = fileURLToPath(new URL("./enqueue-main.ts", import.meta.url));

/** Measures enqueueing in a new process. Rejects with an `Error` when the process ends without a report. */
export async function runEnqueueProcess(spec: EnqueueSpec): Promise<EnqueueReport> {
  const { report } = await askProcess<EnqueueMessage>(PROGRAM, spec);
  return report;
}
