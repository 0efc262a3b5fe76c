/** What a clock on a wall shows. */
interface WallClock {
  year: string;
  month: string;
  day: string;
  hour: string;
  minute: string;
  second: string;
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();

/** Returns true for a name of a time zone that this browser knows. */
export function isTimeZone(zone: string): boolean {
  try {
    formatOf(zone);
    return true;
  } catch {
    // Intl throws a RangeError for an unknown zone.
    return false;
  }
}

/** An instant in a zone, to the second, with its offset: `2031-01-05 14:02:33 +01:00`. In UTC it ends in ` UTC`. */
export function instantText(at: Date, zone: string): string {
  if (Number.isNaN(at.getTime())) return "unknown";
  const { year, month, day, hour, minute, second } = wallClock(at, zone);
  return `${year}-${month}-${day} ${hour}:${minute}:${second} ${offsetText(at, zone)}`;
}

/** The time of day alone if the instant is on the same day as now, else with its date: `14:02:33`, `01-05 14:02`. */
export function shortInstantText(at: Date, now: Date, zone: string): string {
  if (Number.isNaN(at.getTime())) return "unknown";
  const there = wallClock(at, zone);
  const here = wallClock(now, zone);
  if (there.year !== here.year) return `${there.year}-${there.month}-${there.day}`;
  if (there.month === here.month && there.day === here.day) {
    return `${there.hour}:${there.minute}:${there.second}`;
  }
  return `${there.month}-${there.day} ${there.hour}:${there.minute}`;
}

/** An instant as an `<input type="datetime-local" step="1">` holds it, in a zone: `2031-01-05T14:02:33`. */
export function localInput(at: Date, zone: string): string {
  if (Number.isNaN(at.getTime())) return "";
  const { year, month, day, hour, minute, second } = wallClock(at, zone);
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/**
 * The instant at which clocks in a zone show a time, given as `datetime-local` inputs do. A time that occurs twice is
 * the first of both; a time that a clock change skips is as far after the change as it is after the last shown time.
 * Null for text that is no time.
 */
export function instantOfLocal(local: string, zone: string): Date | null {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?$/.test(local)) return null;
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return null;
  // The offset differs at most once within a day: try the offsets of the day before and of the day after.
  const before = wanted - offsetMs(new Date(wanted - DAY_MS), zone);
  const after = wanted - offsetMs(new Date(wanted + DAY_MS), zone);
  const first = Math.min(before, after);
  const last = Math.max(before, after);
  for (const each of [first, last]) {
    if (each + offsetMs(new Date(each), zone) === wanted) return new Date(each);
  }
  return new Date(before);
}

const DAY_MS = 86_400_000;

function offsetText(at: Date, zone: string): string {
  if (zone === "UTC") return "UTC";
  const minutes = Math.round(offsetMs(at, zone) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** How far clocks in a zone are ahead of UTC at an instant. */
function offsetMs(at: Date, zone: string): number {
  const { year, month, day, hour, minute, second } = wallClock(at, zone);
  const shown = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return shown - Math.floor(at.getTime() / 1_000) * 1_000;
}

function wallClock(at: Date, zone: string): WallClock {
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: string) => parts[name] ?? "00";
  return {
    year: part("year").padStart(4, "0"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  });
  FORMATS.set(zone, format);
  return format;
}

const two = (value: number) => String(value).padStart(2, "0");
