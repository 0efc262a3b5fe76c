import { previewTicks } from "@millrace/scheduler";

/** Checks the name of a time zone before anything is done with it. Throws `UnknownTimeZoneError`. */
export function parseTimeZone(text: string): string {
  previewTicks("@daily", text, { after: new Date(0), count: 1 });
  return text;
}
