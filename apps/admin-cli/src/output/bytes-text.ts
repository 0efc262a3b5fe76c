const UNITS = ["bytes", "kB", "MB", "GB", "TB"] as const;

/** Formats a number of bytes for people, in units of 1024, as PostgreSQL does: `512 bytes`, `40 kB`, `1.5 GB`. */
export function bytesText(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1_024 && unit < UNITS.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${size < 10 && unit > 0 ? Math.round(size * 10) / 10 : Math.round(size)} ${UNITS[unit]}`;
}
