import type { Command } from "commander";

/** A word that completes a command line, with what it does. */
export interface Word {
  readonly word: string;
  readonly description: string;
}

/** An option of a command. */
export interface CompletedOption {
  /** The ways to write the option: `-n`, `--count`. */
  readonly flags: readonly string[];
  readonly description: string;
  readonly takesValue: boolean;
  /** The values that the option takes, if they are few. */
  readonly choices: readonly string[];
}

/** A command, as shells complete it. */
export interface CompletedCommand {
  /** The words before what is completed, without the program's name: `["jobs", "list"]`. */
  readonly path: readonly string[];
  readonly commands: readonly Word[];
  readonly options: readonly CompletedOption[];
  /** The values of the command's first argument, if they are few. */
  readonly argumentChoices: readonly string[];
}

/** Returns every command of a program, with its subcommands and options. The options of the root hold everywhere. */
export function commandTree(root: Command): CompletedCommand[] {
  return describe(root, []);
}

function describe(command: Command, path: readonly string[]): CompletedCommand[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).filter((each) => each.name() !== "help");
  const options = [...help.visibleOptions(command), ...rootOptions(command)].map((option) => ({
    flags: [option.short, option.long].filter((flag) => flag !== undefined),
    description: option.description,
    takesValue: option.required || option.optional,
    choices: option.argChoices ?? [],
  }));
  return [
    {
      path,
      commands: commands.map((each) => ({ word: each.name(), description: each.description() })),
      options,
      argumentChoices: command.registeredArguments[0]?.argChoices ?? [],
    },
    ...commands.flatMap((each) => describe(each, [...path, each.name()])),
  ];
}

function rootOptions(command: Command): readonly Command["options"][number][] {
  let root = command;
  while (root.parent !== null) root = root.parent;
  return root === command ? [] : root.options.filter((option) => option.long !== "--version");
}
