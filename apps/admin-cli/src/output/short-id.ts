/**
 * How many of a job id's last characters its short form has. The first characters come from the clock: jobs of one
 * minute share them.
 */
export const SHORT_ID_CHARACTERS = 6;

/** The short form of a job's id, as logs and lists show it: `…470f31`. Commands accept the short form. */
export function shortId(id: string): string {
  return `…${id.slice(-SHORT_ID_CHARACTERS)}`;
}
