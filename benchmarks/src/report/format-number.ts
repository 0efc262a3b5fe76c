/** Formats a measured number: rounded to a whole number from 100 on, to three significant digits below 100. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  if (value === 0) return "0";
  return Number(value.toPrecision(3)).toString();
}

/** Formats a ratio, such as `2.31×`. */
export function formatRatio(value: number): string {
  return `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)}×`;
}
