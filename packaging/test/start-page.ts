import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const PAGE = join(import.meta.dirname, "../../docs/start.md");

/** Writes the programs of the start page into a folder. Each begins with a comment that has its path. */
export function writeStartPage(folder: string): void {
  for (const [, path = "", code = ""] of readFileSync(PAGE, "utf8").matchAll(
    /^```ts\n\/\/ (\S+)\n([\s\S]*?)^```$/gm,
  )) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, code);
  }
}
