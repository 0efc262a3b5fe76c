/** The environment variables that a function reads. The program that owns the process passes them in. */
export type Environment = Readonly<Record<string, string | undefined>>;
