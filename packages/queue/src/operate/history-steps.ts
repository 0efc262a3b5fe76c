import { integerIn } from "@millrace/base";

/** The longest time of a history, in hours: workers keep its rows for a day more. */
const HOURS_MAX = 168;

/** The equal steps of a history. */
export interface HistorySteps {
  /** The length of a step, in s. */
  seconds: number;
  /** How many steps there are. */
  count: number;
}

/**
 * The steps of a history of so many hours: a minute each up to 3 h, 5 minutes up to 24 h, an hour above. So a history
 * has 60 to 288 steps. Throws `InvalidOptionError`.
 */
export function historySteps(hours: number): HistorySteps {
  integerIn("hours", hours, [1, HOURS_MAX]);
  const seconds = hours <= 3 ? 60 : hours <= 24 ? 300 : 3_600;
  return { seconds, count: (hours * 3_600) / seconds };
}
