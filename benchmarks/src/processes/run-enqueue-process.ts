import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { EnqueueMessage, EnqueueReport, EnqueueSpec } from "./enqueue-message.ts";
import { isMessage } from "./worker-message.ts";

const PROGRAM = fileURLToPath(new URL("./enqueue-main.ts", import.meta.url));

/** Measures enqueueing in a new process. Rejects with an `Error` when the process ends without a report. */
export function runEnqueueProcess(spec: EnqueueSpec): Promise<EnqueueReport> {
  const child = fork(PROGRAM, [JSON.stringify(spec)], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return new Promise((resolve, reject) => {
    let report: EnqueueReport | undefined;
    child.on("message", (message) => {
      if (isMessage<EnqueueMessage>(message)) report = message.report;
    });
    child.on("exit", (code, signal) => {
      if (report !== undefined) resolve(report);
      else reject(new Error(`the enqueueing process of ${spec.adapterId} ended with ${signal ?? code}`));
    });
  });
}
