import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";

/** Makes a queued job due, and tells so. */
export async function runJobNow(id: string): Promise<void> {
  await act(() => client.jobs.runNow(id), "The job is due now");
}

/** Queues an ended job again, and tells so. */
export async function retryJob(id: string): Promise<void> {
  await act(() => client.jobs.retry(id), "The job is queued again");
}
