/** Says how many jobs a bulk command skipped. Empty when the command skipped none. */
export function skippedText(skipped: number): string {
  return skipped === 0
    ? ""
    : ` ${skipped} were being changed by someone else and were left alone: run it again for them.`;
}
