/** What to say of jobs that a command on many passed over; empty when there were none. */
export function skippedText(skipped: number): string {
  return skipped === 0
    ? ""
    : ` ${skipped} were being changed by someone else and were left alone: run it again for them.`;
}
