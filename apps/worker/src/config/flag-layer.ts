import { parseArgs } from "node:util";
import { type Layer, readText, unknownKey } from "./layer.ts";
import { flagName, SETTING_NAMES, type SettingName, settingNotes } from "./settings.ts";

/** The settings and requests of the command line. */
export interface CommandLine extends Layer {
  configFile: string | undefined;
  /** `--help` or `--version`; the program then only prints a text. */
  asks: "help" | "version" | undefined;
}

const isSwitch = (name: SettingName) => settingNotes(name).kind === "switch";

/** Reads the flags. A switch is `--name` or `--no-name`; every other flag takes a value. */
export function flagLayer(argv: readonly string[]): CommandLine {
  const result: CommandLine = { found: {}, problems: [], configFile: undefined, asks: undefined };
  const names = new Map(SETTING_NAMES.map((name) => [flagName(name), name]));
  for (const token of parseArgs({ args: [...argv], options: flagOptions(), strict: false, tokens: true })
    .tokens) {
    if (token.kind === "positional") result.problems.push(strayWord(token.value));
    if (token.kind !== "option") continue;
    // Without `strict`, `parseArgs` keeps the prefix `no-` in the name of a token.
    const negated = token.rawName.startsWith("--no-") && !names.has(token.rawName.slice(2));
    const name = names.get(negated ? token.rawName.slice(5) : token.name);
    if (token.name === "help" || token.name === "version") result.asks ??= token.name;
    else if (token.name === "config") takeConfigFile(result, token.value);
    else if (name !== undefined && isSwitch(name)) {
      const value = token.value === undefined ? !negated : readText("switch", token.value);
      result.found[name] = { value, origin: token.rawName };
    } else if (name !== undefined && !negated) {
      const value = token.value === undefined ? undefined : readText(settingNotes(name).kind, token.value);
      if (value === undefined)
        result.problems.push(`${token.rawName}: expected ${settingNotes(name).expected}`);
      else result.found[name] = { value, origin: token.rawName };
    } else
      result.problems.push(
        unknownKey(
          token.rawName,
          [...names.keys(), "config"].map((flag) => `--${flag}`),
        ),
      );
  }
  return result;
}

function flagOptions() {
  const options: Record<string, { type: "string" | "boolean"; short?: string }> = {
    config: { type: "string" },
    help: { type: "boolean", short: "h" },
    version: { type: "boolean" },
  };
  for (const name of SETTING_NAMES) {
    options[flagName(name)] = { type: isSwitch(name) ? "boolean" : "string" };
    if (isSwitch(name)) options[`no-${flagName(name)}`] = { type: "boolean" };
  }
  return options;
}

/** Hides a word that may contain a password, such as the value of a misspelt flag. */
function strayWord(word: string): string {
  const shown = /^[\w.-]{1,40}$/.test(word) ? word : "an argument (not shown)";
  return `${shown}: unknown; only flags are taken`;
}

function takeConfigFile(result: CommandLine, path: string | undefined): void {
  if (path === undefined) result.problems.push("--config: expected the path of a JSON file");
  else result.configFile = path;
}
