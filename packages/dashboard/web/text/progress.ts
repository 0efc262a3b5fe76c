import { figureText } from "./count-text.ts";

/** How far a job is. */
export interface ProgressFigure {
  /** 0 to 1. */
  fraction: number;
  label: string;
}

/**
 * Reads how far a job is from the JSON text that its handler told: a number, `{ "percent": 40 }`, or
 * `{ "done": 4, "total": 10 }`. A number of at most 1 is a fraction, and any other number a percentage; `percent` is
 * always a percentage. Null where the progress is something else.
 */
export function readProgress(text: string): ProgressFigure | null {
  const value = parsed(text);
  if (typeof value === "number") return ofPercent(value > 0 && value <= 1 ? value * 100 : value);
  if (typeof value !== "object" || value === null) return null;
  const { percent, done, total } = value as Readonly<Record<string, unknown>>;
  if (typeof percent === "number") return ofPercent(percent);
  if (typeof done !== "number" || typeof total !== "number" || total <= 0 || done < 0) return null;
  return {
    fraction: Math.min(1, done / total),
    label: `${figureText(done)} of ${figureText(total)}`,
  };
}

function ofPercent(percent: number): ProgressFigure | null {
  if (percent < 0 || percent > 100) return null;
  return { fraction: percent / 100, label: `${Math.floor(percent)}%` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
