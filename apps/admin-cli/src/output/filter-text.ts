import type { BulkFilter } from "@millrace/queue";
import { escapeControl } from "./escape-control.ts";
import { instantText } from "./instant-text.ts";

const WORDS: Record<keyof BulkFilter, string> = {
  all: "all",
  state: "state",
  queue: "queue",
  type: "type",
  scheduleId: "schedule",
  ids: "ids",
  idPrefix: "id begins with",
  idSuffix: "id ends with",
  idempotencyKey: "key",
  tags: "tags",
  payloadContains: "payload contains",
  errorIncludes: "error contains",
  createdBefore: "created before",
  createdAfter: "created at or after",
  finishedBefore: "ended before",
  finishedAfter: "ended at or after",
  dueBefore: "due before",
};

/** Formats a filter for people, in one line. Instants are absolute, so that a person sees what "2h ago" meant. */
export function filterText(filter: BulkFilter): string {
  if (filter.all === true) return "Filter: none, every job.";
  const parts = (Object.keys(WORDS) as (keyof BulkFilter)[])
    .filter((name) => filter[name] !== undefined)
    .map((name) => `${WORDS[name]} ${valueText(filter[name])}`);
  return `Filter: ${parts.join(", ")}.`;
}

function valueText(value: unknown): string {
  if (value instanceof Date) return instantText(value);
  if (Array.isArray(value) && value.length > 5) return `${value.length} values`;
  return escapeControl(typeof value === "string" ? value : JSON.stringify(value));
}
