import { previewTicks } from "@millrace/scheduler";

/** Returns the name of a time zone as given. Throws `UnknownTimeZoneError` for an unknown name. */
export function parseTimeZone(text: string): string {
  previewTicks("@daily", text, { after: new Date(0), count: 1 });
  return text;
}
