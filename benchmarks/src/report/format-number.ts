/** A measured number with the digits that mean something: whole from 100 on, three digits below. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  if (value === 0) return "0";
  return Number(value.toPrecision(3)).toString();
}

/** A ratio, such as `2.31×`. */
export function formatRatio(value: number): string {
  return `${value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2)}×`;
}
