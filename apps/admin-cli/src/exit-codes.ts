/** The exit codes of the command. Scripts may rely on these numbers. */
export const EXIT_CODES = {
  /** The command did its work. */
  done: 0,
  /** The command failed: not found, refused, or the database is away. */
  failed: 1,
  /** The command line is wrong: an unknown command or option, or a value that cannot be used. */
  usage: 2,
} as const;

/** One of the documented exit codes. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
