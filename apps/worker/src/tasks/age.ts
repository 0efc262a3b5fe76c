import { DELAY_MS_MAX } from "@millrace/schema/values";
import { z } from "zod";

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** Parses an age in a payload, such as "90 s", "30m", "12h", "30d" or "8w", into ms. */
export const ageSchema = z.string().transform((text, context) => {
  const [, count = "", unit = ""] = /^(\d{1,9}) ?([smhdw])$/.exec(text) ?? [];
  const ms = Number(count) * (UNIT_MS[unit] ?? Number.NaN);
  if (ms > 0 && ms <= DELAY_MS_MAX) return ms;
  const message = 'expected an age like "90s", "30m", "12h", "30d" or "8w", at most 36525 days';
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});
