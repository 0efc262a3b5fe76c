/** What the command's exit status means: scripts may rely on these numbers. */
export const EXIT_CODES = {
  /** Done. */
  done: 0,
  /** Understood, and it failed: not found, refused, or the database is away. */
  failed: 1,
  /** Not understood: an unknown command or option, or a value that cannot be used. */
  usage: 2,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
