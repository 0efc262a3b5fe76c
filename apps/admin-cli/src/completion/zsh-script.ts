import type { CompletedCommand, CompletedOption } from "./command-tree.ts";

/** Returns the completion for zsh: a function that finds the command on the line, and offers its words. */
export function zshScript(program: string, tree: readonly CompletedCommand[]): string {
  const name = `_${program}`;
  return `#compdef ${program}
# zsh completion of ${program}. In ~/.zshrc, after compinit: eval "$(${program} completion zsh)"
${name}() {
  local line="" before="\${words[CURRENT-1]}" at
  local -a names flags
  for ((at = 2; at < CURRENT; at++)); do
    case "$line \${words[at]}" in
${tree
  .filter(({ path }) => path.length > 0)
  .map((command) => `      ${quoted(pathText(command))}) line="$line \${words[at]}" ;;`)
  .join("\n")}
    esac
  done
  case "$line|$before" in
${tree.flatMap(choiceCases).join("\n")}
  esac
  case "$line" in
${tree.map(commandCase).join("\n")}
  esac
  _describe -t commands command names
  _describe -o -t options option flags
}
compdef ${name} ${program}
`;
}

function pathText({ path }: CompletedCommand): string {
  return path.map((word) => ` ${word}`).join("");
}

function choiceCases(command: CompletedCommand): string[] {
  return command.options
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ flags, choices }) =>
      flags.map((flag) => {
        const offer = choices.length === 0 ? "_files" : `compadd -- ${choices.map(quoted).join(" ")}`;
        return `    ${quoted(`${pathText(command)}|${flag}`)}) ${offer}; return ;;`;
      }),
    );
}

function commandCase(command: CompletedCommand): string {
  const names = [
    ...command.commands.map(({ word, description }) => described(word, description)),
    ...command.argumentChoices.map(quoted),
  ];
  return `    ${quoted(pathText(command))})
      names=(${names.join(" ")})
      flags=(${command.options.flatMap(flagsOf).join(" ")}) ;;`;
}

function flagsOf({ flags, description }: CompletedOption): string[] {
  return flags.map((flag) => described(flag, description));
}

/** A colon separates a word from its description. */
function described(word: string, description: string): string {
  return quoted(`${word.replaceAll(":", "\\:")}:${description}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
