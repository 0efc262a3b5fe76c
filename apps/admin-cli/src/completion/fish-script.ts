import type { CompletedCommand, CompletedOption } from "./command-tree.ts";

/** Returns the completion for fish: a line for each word, with the command after which the word is offered. */
export function fishScript(program: string, tree: readonly CompletedCommand[]): string {
  const at = `__${program}_at`;
  const paths = tree.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(" ")));
  return `# fish completion of ${program}. In ~/.config/fish/config.fish: ${program} completion fish | source
function ${at}
    set -l path
    for word in (commandline -opc)[2..-1]
        if contains -- (string join ' ' $path $word) ${paths.join(" ")}
            set path $path $word
        end
    end
    test "$path" = "$argv"
end
${tree.flatMap((command) => linesOf(program, at, command)).join("\n")}
`;
}

function linesOf(
  program: string,
  at: string,
  { path, commands, options, argumentChoices }: CompletedCommand,
): string[] {
  const begin = `complete -c ${program} -n ${quoted([at, ...path].join(" "))}`;
  return [
    ...commands.map(({ word, description }) => `${begin} -f -a ${quoted(word)} -d ${quoted(description)}`),
    ...argumentChoices.map((choice) => `${begin} -f -a ${quoted(choice)}`),
    ...options.map((option) => `${begin} ${optionText(option)}`),
  ];
}

function optionText({ flags, description, takesValue, choices }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  const value = choices.length > 0 ? [`-x -a ${quoted(choices.join(" "))}`] : takesValue ? ["-r"] : [];
  return [...names, ...value, `-d ${quoted(description)}`].join(" ");
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
