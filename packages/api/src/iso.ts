/** Returns an instant as the API sends it. */
export function iso(instant: Date): string;
/** Returns an instant as the API sends it, or null. */
export function iso(instant: Date | null): string | null;
export function iso(instant: Date | null): string | null {
  return instant?.toISOString() ?? null;
}
