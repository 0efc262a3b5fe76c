import cronstrue from "cronstrue";
import { CRON_NAMES, parseCron } from "./cron.ts";
import { withoutLongSteps } from "./cron-steps.ts";

/**
 * Returns an expression in English words, such as `At 02:30, Monday through Friday`. The words name wall-clock times;
 * `preview` shows the effect of a change of the clock. Throws `InvalidCronError` (`INVALID_CRON`).
 *
 * @example
 * describeCron("30 2 * * mon-fri"); // "At 02:30, Monday through Friday"
 */
export function describeCron(expression: string): string {
  parseCron(expression);
  // A step that is longer than its field is no step, whatever its text says.
  const text = withoutLongSteps(expression);
  const fields = (CRON_NAMES[text.toLowerCase()] ?? text).split(/\s+/);
  try {
    return wordsOf(fields);
  } catch {
    // cronstrue fails for some valid expressions.
    return text;
  }
}

/**
 * Corrects cronstrue when both day fields are restricted: cronstrue says that both must match, but either may match.
 */
function wordsOf(fields: readonly string[]): string {
  const [dayOfMonth, dayOfWeek] = [fields.length - 3, fields.length - 1];
  const isFree = (index: number) => fields[index] === "*" || fields[index] === "?";
  if (isFree(dayOfMonth) || isFree(dayOfWeek)) return say(fields);
  const words = say(fields);
  if (words.includes(", and on ")) return words.replace(", and on ", ", or on ");
  const byMonthDay = say(fields.with(dayOfWeek, "*"));
  const byWeekDay = say(fields.with(dayOfMonth, "*"));
  return `${byMonthDay}; or ${byWeekDay.charAt(0).toLowerCase()}${byWeekDay.slice(1)}`;
}

function say(fields: readonly string[]): string {
  return cronstrue.toString(fields.join(" "), { use24HourTimeFormat: true });
}
