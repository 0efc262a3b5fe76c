import { previewTicks } from "@millrace/scheduler";

/** Returns the cron expression as given. Throws `InvalidCronError` when the expression cannot be read. */
export function parseCron(text: string): string {
  previewTicks(text, "UTC", { after: new Date(0), count: 1 });
  return text;
}
