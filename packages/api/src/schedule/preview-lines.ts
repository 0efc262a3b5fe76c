import type { z } from "@hono/zod-openapi";
import type { Preview } from "@millrace/scheduler";
import type { previewAnswer } from "../contract/schedule.ts";
import { iso } from "../iso.ts";

type Line = z.infer<typeof previewAnswer>["lines"][number];

/** Returns the ticks of a preview in order, and each change of the clock before the tick that first shows it. */
export function previewLines({ ticks }: Preview): Line[] {
  return ticks.flatMap(({ tickAt, offset, clockChange }): Line[] => {
    const tick: Line = { kind: "tick", at: iso(tickAt), local: localText(tickAt, offset) };
    if (clockChange === null) return [tick];
    const { at, offsetBefore, offsetAfter } = clockChange;
    const text = `The clock changes from ${localText(at, offsetBefore)} to ${localText(at, offsetAfter)}`;
    return [{ kind: "clock-change", at: iso(at), text }, tick];
  });
}

/** An instant as a wall clock shows it, with the clock's offset: `2031-03-30 02:00:00 +01:00`. */
function localText(instant: Date, offset: string): string {
  const [, sign = "+", hours = "0", minutes = "0", seconds = "0"] =
    /^([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(offset) ?? [];
  const ahead = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  const shown = new Date(instant.getTime() + (sign === "-" ? -ahead : ahead));
  const [date = "", time = ""] = shown.toISOString().split("T");
  return `${date} ${time.slice(0, 8)} ${offset}`;
}
