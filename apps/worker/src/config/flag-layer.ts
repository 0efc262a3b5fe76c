import { parseArgs } from "node:util";
import { type Layer, readText, unknownKey } from "./layer.ts";
import { flagName, SETTING_NAMES, type SettingName, settingNotes } from "./settings.ts";

/** What the command line says. */
export interface CommandLine extends Layer {
  configFile: string | undefined;
  /** `--help` or `--version`, when that is all that is asked. */
  asks: "help" | "version" | undefined;
}

const isSwitch = (name: SettingName) => settingNotes(name).kind === "switch";

/** Reads the flags. Switches are `--name` and `--no-name`; all others take a value. */
export function flagLayer(argv: readonly string[]): CommandLine {
  const result: CommandLine = { found: {}, problems: [], configFile: undefined, asks: undefined };
  const names = new Map(SETTING_NAMES.map((name) => [flagName(name), name]));
  for (const token of parseArgs({ args: [...argv], options: flagOptions(), strict: false, tokens: true })
    .tokens) {
    if (token.kind === "positional") result.problems.push(strayWord(token.value));
    if (token.kind !== "option") continue;
    // With strict off, a negated switch keeps its prefix in the token's name.
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

/** Text that may hold a password, like the value of a misspelt flag, is not shown. */
function strayWord(word: string): string {
  const shown = /^[\w.-]{1,40}$/.test(word) ? word : "an argument (not shown)";
  return `${shown}: unknown; only flags are taken`;
}

function takeConfigFile(result: CommandLine, path: string | undefined): void {
  if (path === undefined) result.problems.push("--config: expected the path of a JSON file");
  else result.configFile = path;
}
