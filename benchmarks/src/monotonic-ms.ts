/** Milliseconds of the machine's monotonic clock, comparable between its processes, to the microsecond. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
