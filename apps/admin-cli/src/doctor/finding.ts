/** Something that the doctor found. */
export interface Finding {
  /** What kind of finding this is. Stable: scripts may compare the code. */
  readonly code: string;
  /** A problem makes the command fail; a note does not. */
  readonly severity: "problem" | "note";
  /** What the finding is about: `millrace.waiting_jobs.settings`. */
  readonly object: string;
  /** What was found, and what follows from it, as sentences for people. */
  readonly text: string;
  /** The SQL that repairs it; null if no statement does. */
  readonly repair: string | null;
}

/** Makes a problem. */
export function problem(code: string, object: string, said: { text: string; repair?: string }): Finding {
  return { code, severity: "problem", object, text: said.text, repair: said.repair ?? null };
}

/** Makes a note. */
export function note(code: string, object: string, said: { text: string; repair?: string }): Finding {
  return { ...problem(code, object, said), severity: "note" };
}
