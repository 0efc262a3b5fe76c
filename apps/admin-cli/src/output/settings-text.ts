import type { DeadLetter, QueueSettings } from "@millrace/schema/values";
import { durationText } from "./duration-text.ts";

/** Formats the settings of a job or queue for people, in one line; null without settings. */
export function settingsText(settings: QueueSettings | null): string | null {
  if (settings === null) return null;
  const { timeoutMs, retentionMs, backoff, deadLetter } = settings;
  const parts = [
    durationPart("timeout", timeoutMs),
    durationPart("retention", retentionMs),
    durationPart("backoff base", backoff?.baseMs),
    durationPart("backoff cap", backoff?.capMs),
    durationPart("backoff jitter", backoff?.jitterMs),
    deadLetter === undefined ? null : `dead letter ${deadLetterText(deadLetter)}`,
  ].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join(", ");
}

function durationPart(name: string, ms: number | undefined): string | null {
  return ms === undefined ? null : `${name} ${durationText(ms)}`;
}

function deadLetterText(deadLetter: DeadLetter | null): string {
  if (deadLetter === null) return "none";
  return deadLetter.queue === undefined ? deadLetter.type : `${deadLetter.type} in ${deadLetter.queue}`;
}
