/** The environment variables a function reads, handed in by the program that owns the process. */
export type Environment = Readonly<Record<string, string | undefined>>;
