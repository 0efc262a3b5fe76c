/** The size of a small line, in the units of its drawing. */
export interface SparkSize {
  width: number;
  height: number;
}

/**
 * The path of a small line through values, from the left edge to the right, the highest value at the top and zero at
 * the bottom. Null values are gaps. Empty for fewer than two values.
 */
export function sparklinePath(values: readonly (number | null)[], { width, height }: SparkSize): string {
  if (values.length < 2) return "";
  const highest = Math.max(1, ...values.map((value) => value ?? 0));
  const step = width / (values.length - 1);
  let open = false;
  const parts = values.map((value, index) => {
    if (value === null) {
      open = false;
      return "";
    }
    const command = open ? "L" : "M";
    open = true;
    return `${command}${short(index * step)} ${short(height - (value / highest) * height)}`;
  });
  return parts.join("");
}

const short = (value: number) => String(Math.round(value * 100) / 100);
