/**
 * Returns the command that testpg's own arguments name, or `undefined` when they name none. A first `--` is dropped.
 */
export function commandOf(args: readonly string[]): { command: string; args: string[] } | undefined {
  const [command, ...rest] = args[0] === "--" ? args.slice(1) : args;
  // An argument with a leading dash is an option, and testpg has no options.
  return !command || command.startsWith("-") ? undefined : { command, args: rest };
}
