import { checkFields, checkText, fieldNames, integerIn } from "@millrace/base";
import {
  type BackoffSettings,
  DELAY_MS_MAX,
  type DeadLetter,
  type QueueSettings,
} from "@millrace/schema/values";

const FIELDS = fieldNames<QueueSettings>({
  backoff: true,
  timeoutMs: true,
  retentionMs: true,
  deadLetter: true,
});
const BACKOFF_FIELDS = fieldNames<BackoffSettings>({ baseMs: true, capMs: true, jitterMs: true });
const DEAD_LETTER_FIELDS = fieldNames<DeadLetter>({ type: true, queue: true });

/**
 * Checks the settings of a queue. Returns the settings to store: null if nothing is set. Throws `InvalidOptionError`.
 */
export function checkQueueSettings(settings: QueueSettings | null): QueueSettings | null {
  if (settings === null) return null;
  checkFields("settings", settings, FIELDS);
  const { backoff, timeoutMs, retentionMs, deadLetter } = settings;
  if (backoff !== undefined) checkBackoff(backoff);
  if (timeoutMs !== undefined) integerIn("settings.timeoutMs", timeoutMs, [1, DELAY_MS_MAX]);
  if (retentionMs !== undefined) integerIn("settings.retentionMs", retentionMs, [0, DELAY_MS_MAX]);
  if (deadLetter != null) checkDeadLetter(deadLetter);
  const set = {
    ...(backoff === undefined || Object.keys(backoff).length === 0 ? {} : { backoff }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(retentionMs === undefined ? {} : { retentionMs }),
    ...(deadLetter == null ? {} : { deadLetter }),
  };
  return Object.keys(set).length === 0 ? null : set;
}

function checkBackoff(backoff: BackoffSettings): void {
  checkFields("settings.backoff", backoff, BACKOFF_FIELDS);
  for (const [name, value] of Object.entries(backoff))
    integerIn(`settings.backoff.${name}`, value, [0, DELAY_MS_MAX]);
}

function checkDeadLetter(letter: DeadLetter): void {
  checkFields("settings.deadLetter", letter, DEAD_LETTER_FIELDS);
  checkText("settings.deadLetter.type", letter.type, 100);
  if (letter.queue !== undefined) checkText("settings.deadLetter.queue", letter.queue, 100);
}
