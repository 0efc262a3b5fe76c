import type { CronField } from "../errors.ts";
import { CRON_FIELDS, splitFields, valuesOf } from "./cron.ts";

/** How many values each field has, seconds first. Sunday counts once, though 0 and 7 both name it. */
export const FIELD_SIZES: readonly number[] = [60, 60, 24, 31, 12, 7];

/** A step of an expression, such as `*` with a step of 15. */
export interface CronStep {
  field: CronField;
  /** The place of the field, seconds first. */
  index: number;
  /** The step with its range, as written. */
  text: string;
  every: number;
  /** The values that the step takes. */
  values: readonly number[];
  /** Whether the step is its whole field, and not a part of a list. */
  alone: boolean;
  /** Whether the range reaches to the end of the field, so that the step seems to go on in the next hour or day. */
  open: boolean;
}

/** Returns the steps of a valid expression, in the order of the fields. */
export function stepsOf(expression: string): CronStep[] {
  return splitFields(expression).flatMap((text, index) => {
    const parts = text.split(",");
    return parts.flatMap((part) => {
      const [, range = "", step = ""] = /^(.+)\/(\d+)$/.exec(part) ?? [];
      const field = CRON_FIELDS[index];
      if (step === "" || field === undefined) return [];
      const values = valuesOf(index, part);
      const open = !range.includes("-") || coversField(index, range);
      return [{ field, index, text: part, every: Number(step), values, alone: parts.length === 1, open }];
    });
  });
}

function coversField(index: number, range: string): boolean {
  const values = valuesOf(index, range);
  const size = FIELD_SIZES[index] ?? 0;
  return new Set(index === WEEKDAY ? values.map((value) => value % size) : values).size === size;
}

const WEEKDAY = CRON_FIELDS.indexOf("dayOfWeek");

/** Returns the steps that are longer than their field. Such a step takes one value, and is no step. */
export function longSteps(expression: string): CronStep[] {
  return stepsOf(expression).filter(({ index, every }) => every > (FIELD_SIZES[index] ?? 0));
}

/** Returns an expression with each long step replaced by the value that the step takes. */
export function withoutLongSteps(expression: string): string {
  const long = longSteps(expression);
  if (long.length === 0) return expression.trim();
  const fields = splitFields(expression).map((text, index) => {
    const parts = text.split(",").map((part) => {
      const step = long.find((one) => one.index === index && one.text === part);
      return step === undefined ? part : step.values.join(",");
    });
    return [...new Set(parts)].join(",");
  });
  return (expression.trim().split(/\s+/).length === 5 ? fields.slice(1) : fields).join(" ");
}
