import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { reasonOf } from "@millrace/base";
import { type Layer, unknownKey } from "./layer.ts";
import { SETTING_NAMES } from "./settings.ts";

/** The config file that is read, if the file exists, when no config file is named. */
export const DEFAULT_CONFIG_FILE = "millrace.config.json";

/** Reads a JSON config file. A relative `tasksDir` starts at the file's folder. */
export function fileLayer(path: string | undefined, cwd: string): Layer {
  const file = resolve(cwd, path ?? DEFAULT_CONFIG_FILE);
  if (path === undefined && !existsSync(file)) return { found: {}, problems: [] };
  try {
    return contentLayer(JSON.parse(readFileSync(file, "utf8")), file);
  } catch (error) {
    const problem =
      error instanceof SyntaxError ? `is not JSON${placeOf(error)}` : `cannot be read: ${reasonOf(error)}`;
    return { found: {}, problems: [`${file} ${problem}`] };
  }
}

/** Returns only the place of a syntax error: the rest of its message quotes text that may contain a password. */
function placeOf({ message }: SyntaxError): string {
  const { line, column } = /\(line (?<line>\d+) column (?<column>\d+)\)$/.exec(message)?.groups ?? {};
  if (line !== undefined) return ` (line ${line}, column ${column})`;
  return message === "Unexpected end of JSON input" ? ": it ends too early" : "";
}

function contentLayer(content: unknown, file: string): Layer {
  const layer: Layer = { found: {}, problems: [] };
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    layer.problems.push(`${file}: expected a JSON object of settings`);
    return layer;
  }
  for (const [key, value] of Object.entries(content)) {
    const name = SETTING_NAMES.find((known) => known === key);
    const origin = `${key} (${basename(file)})`;
    if (name === undefined) layer.problems.push(`${basename(file)}: ${unknownKey(key, SETTING_NAMES)}`);
    else if (name === "tasksDir" && typeof value === "string" && value !== "") {
      layer.found.tasksDir = { value: resolve(dirname(file), value), origin };
    } else layer.found[name] = { value, origin };
  }
  return layer;
}
