import type { CompletedCommand } from "./command-tree.ts";

/** Returns the completion for bash: a function that finds the command on the line, and offers its words. */
export function bashScript(program: string, tree: readonly CompletedCommand[]): string {
  const name = `_${program}`;
  return `# bash completion of ${program}. In ~/.bashrc: eval "$(${program} completion bash)"
${name}() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "$path \${COMP_WORDS[at]}" in
${cases(
  tree
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => [` ${path.join(" ")}`, `path="$path \${COMP_WORDS[at]}" ;;`]),
)}
    esac
  done
  case "$path|$before" in
${cases(tree.flatMap(choiceCases))}
  esac
  case "$path" in
${cases(tree.map((command) => [pathText(command), `${offer(wordsOf(command))} ;;`]))}
  esac
}
complete -o default -F ${name} ${program}
`;
}

function pathText({ path }: CompletedCommand): string {
  return path.map((word) => ` ${word}`).join("");
}

/** After an option with a value, only the option's values are offered; file names, if the values are not known. */
function choiceCases(command: CompletedCommand): [string, string][] {
  return command.options
    .filter(({ takesValue }) => takesValue)
    .flatMap(({ flags, choices }) =>
      flags.map((flag): [string, string] => [
        `${pathText(command)}|${flag}`,
        choices.length === 0 ? "return ;;" : `${offer(choices)}; return ;;`,
      ]),
    );
}

/** Offers the words that begin as the typed word does. */
function offer(words: readonly string[]): string {
  return `COMPREPLY=($(compgen -W ${quoted(words)} -- "$word"))`;
}

function wordsOf({ commands, options, argumentChoices }: CompletedCommand): string[] {
  return [...commands.map(({ word }) => word), ...argumentChoices, ...options.flatMap(({ flags }) => flags)];
}

function cases(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([pattern, then]) => `      ${quoted([pattern])}) ${then}`).join("\n");
}

function quoted(words: readonly string[]): string {
  return `'${words.join(" ").replaceAll("'", "'\\''")}'`;
}
