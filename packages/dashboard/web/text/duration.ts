const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration for people, in at most two units: `850 ms`, `3.4 s`, `1 min 23 s`, `2 h 5 min`, `3 d 4 h`. */
export function durationText(ms: number): string {
  const length = Math.max(0, Math.abs(ms));
  if (length < SECOND) return `${Math.round(length)} ms`;
  if (length < 10 * SECOND) return `${oneDecimal(length / SECOND)} s`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return twoUnits(length, [MINUTE, "min"], [SECOND, "s"]);
  if (length < DAY) return twoUnits(length, [HOUR, "h"], [MINUTE, "min"]);
  return twoUnits(length, [DAY, "d"], [HOUR, "h"]);
}

/** A duration in one unit, for narrow columns: `now` below a second, then `3 s`, `12 min`, `5 h`, `9 d`. */
export function shortDurationText(ms: number): string {
  const length = Math.abs(ms);
  if (length < SECOND) return "now";
  if (length < MINUTE) return `${Math.floor(length / SECOND)} s`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} min`;
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)} h`;
  return `${Math.floor(length / DAY)} d`;
}

/** How an instant lies to now: `3 min ago`, `in 5 h`, `now`. */
export function relativeText(atMs: number, nowMs: number): string {
  const ahead = atMs - nowMs;
  const length = shortDurationText(ahead);
  if (length === "now") return length;
  return ahead > 0 ? `in ${length}` : `${length} ago`;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: SECOND,
  m: MINUTE,
  min: MINUTE,
  h: HOUR,
  d: DAY,
  w: 7 * DAY,
};

/** Reads a duration as people write one: `90s`, `15m`, `1.5h`, `7d`, `1h30m`. Returns null for any other text. */
export function parseDuration(text: string): number | null {
  const compact = text.trim().toLowerCase().replace(/\s+/g, "");
  if (!/^(?:\d+(?:\.\d+)?(?:ms|min|s|m|h|d|w))+$/.test(compact)) return null;
  let sum = 0;
  for (const [, figure, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g)) {
    sum += Number(figure) * (UNITS[unit ?? ""] ?? Number.NaN);
  }
  return Number.isFinite(sum) ? Math.round(sum) : null;
}

/** A duration as `parseDuration` reads it again, exactly: `1h30m`. */
export function durationInput(ms: number): string {
  let rest = Math.max(0, Math.round(ms));
  let text = "";
  for (const [unit, length] of [
    ["d", DAY],
    ["h", HOUR],
    ["m", MINUTE],
    ["s", SECOND],
    ["ms", 1],
  ] as const) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count > 0) text += `${count}${unit}`;
  }
  return text === "" ? "0s" : text;
}

function oneDecimal(value: number): string {
  const text = (Math.floor(value * 10) / 10).toFixed(1);
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

type Unit = readonly [length: number, name: string];

function twoUnits(length: number, [big, bigName]: Unit, [small, smallName]: Unit): string {
  const bigs = Math.floor(length / big);
  const smalls = Math.floor((length - bigs * big) / small);
  return smalls === 0 ? `${bigs} ${bigName}` : `${bigs} ${bigName} ${smalls} ${smallName}`;
}
