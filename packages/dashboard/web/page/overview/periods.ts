/** A period that the charts can show. */
export interface Period {
  hours: number;
  label: string;
}

/** The periods to choose from. The first is shown unless somebody chooses. */
export const PERIODS = [
  { hours: 1, label: "1 h" },
  { hours: 6, label: "6 h" },
  { hours: 24, label: "24 h" },
  { hours: 168, label: "7 d" },
] as const satisfies readonly Period[];

/** The period that an address names, such as `6` for 6 hours; the first one for any other text. */
export function periodOf(text: string | null): Period {
  return PERIODS.find(({ hours }) => String(hours) === text) ?? PERIODS[0];
}

/** The address of the overview with a period and a queue. The default period is left out. */
export function overviewPath(hours: number, queue: string): string {
  const query = new URLSearchParams();
  if (hours !== PERIODS[0].hours) query.set("hours", String(hours));
  if (queue !== "") query.set("queue", queue);
  const text = query.toString();
  return text === "" ? "/" : `/?${text}`;
}
