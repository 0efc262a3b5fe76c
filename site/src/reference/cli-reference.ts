import type { Command, Option } from "commander";

/**
 * Returns the reference of a command as Markdown: each command that runs with its usage, description, arguments and
 * options. The command itself is the source, so the page cannot differ from `--help`.
 */
export function cliReference(program: Command): string {
  const commands = leaves(program, []);
  return [
    `# The \`${program.name()}\` command: reference`,
    "",
    `${sentence(program.description())} This page is generated from the command.`,
    "[The command's guide](../../../apps/admin-cli/README.md) explains ids, filters, times, JSON and exit codes.",
    "",
    "## Options of every command",
    "",
    ...table(program.options),
    ...commands.flatMap(({ path, command }) => section(path, command)),
    "",
  ].join("\n");
}

interface Leaf {
  path: string[];
  command: Command;
}

function leaves(command: Command, before: readonly string[]): Leaf[] {
  const path = [...before, command.name()];
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((child) => leaves(child, path));
}

function section(path: readonly string[], command: Command): string[] {
  const named = command.registeredArguments.filter(({ description }) => description !== "");
  return [
    "",
    `## ${path.join(" ")}`,
    "",
    `${sentence(command.description())}`,
    "",
    "```console",
    `$ ${path.join(" ")} ${command.usage()}`,
    "```",
    ...(named.length === 0 ? [] : ["", "| argument | |", "| --- | --- |"]),
    ...named.map((argument) => `| \`${argument.name()}\` | ${cell(argument.description)} |`),
    ...(command.options.length === 0 ? [] : ["", ...table(command.options)]),
  ];
}

function table(options: readonly Option[]): string[] {
  const shown = options.filter(({ hidden }) => !hidden);
  return [
    "| option | |",
    "| --- | --- |",
    ...shown.map((option) => `| \`${option.flags}\` | ${cell(meaning(option))} |`),
  ];
}

function meaning(option: Option): string {
  const choices = option.argChoices === undefined ? "" : ` One of: ${option.argChoices.join(", ")}.`;
  const given = option.defaultValue === undefined || option.defaultValue === false;
  const value = option.defaultValueDescription ?? String(option.defaultValue);
  return `${sentence(option.description)}${choices}${given ? "" : ` Default: ${value}.`}`;
}

const sentence = (text: string) => (text === "" || /[.!?]$/.test(text) ? text : `${text}.`);

/** A text in a cell of a table: angle brackets would be HTML, and a bar or a line break would end the cell. */
const cell = (text: string) =>
  text.replaceAll("|", "\\|").replaceAll("\n", " ").replaceAll("<", "&lt;").replaceAll("{{", "&#123;&#123;");
