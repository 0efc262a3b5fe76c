import { previewTicks } from "@millrace/scheduler";

/** Checks a cron expression before anything is done with it. Throws `InvalidCronError`. */
export function parseCron(text: string): string {
  previewTicks(text, "UTC", { after: new Date(0), count: 1 });
  return text;
}
