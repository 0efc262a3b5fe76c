import { parseTimetable } from "./next-tick.ts";
import { refuseLongSteps, stepWarnings } from "./step-warnings.ts";

/**
 * Checks an expression as the commands that write schedules do. Returns a sentence for each step that is not what it
 * seems, such as every 7 hours; most expressions have none. Throws `InvalidCronError` (`INVALID_CRON`), also for a step
 * that is longer than its field, such as 90 minutes.
 *
 * @example
 * checkCron("0 0/7 * * *"); // ['hour: "0/7" is not every 7 hours: after 21:00 the next tick is 00:00, 3 h later.']
 */
export function checkCron(expression: string): readonly string[] {
  // The zone does not matter: an expression is valid in all zones or in none.
  parseTimetable(expression, "UTC");
  refuseLongSteps(expression);
  return stepWarnings(expression);
}
