import { existsSync, readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";

/** The options with which TypeScript lets a module import another one as `./task.ts`. */
const OPTION = /"(?:allowImportingTsExtensions|rewriteRelativeImportExtensions)"\s*:\s*true/;

const EXTENDS = /"extends"\s*:\s*"(\.[^"]+)"/;

/** How many configurations may extend each other. */
const DEPTH_MAX = 10;

/** Whether a project imports `.ts` files by their name, by its `tsconfig.json` or a file of its own that it extends. */
export function importsTypeScript(tsconfig: string): boolean {
  let file: string | undefined = tsconfig;
  for (let depth = 0; file !== undefined && existsSync(file) && depth < DEPTH_MAX; depth += 1) {
    const text: string = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
    if (OPTION.test(text)) return true;
    const base: string | undefined = EXTENDS.exec(text)?.[1];
    file =
      base === undefined ? undefined : resolve(dirname(file), base.endsWith(".json") ? base : `${base}.json`);
  }
  return false;
}
