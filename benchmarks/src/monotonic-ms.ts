/** Reads the machine's monotonic clock, in ms with fractions. Processes of one machine can compare their values. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
