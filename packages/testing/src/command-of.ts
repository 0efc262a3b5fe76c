/** The command line to run from testpg's own arguments, which may begin with `--`; `undefined` when there is none. */
export function commandOf(args: readonly string[]): { command: string; args: string[] } | undefined {
  const [command, ...rest] = args[0] === "--" ? args.slice(1) : args;
  // A leading dash is an option, and testpg has none.
  return !command || command.startsWith("-") ? undefined : { command, args: rest };
}
