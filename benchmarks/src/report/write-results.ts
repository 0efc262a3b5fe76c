import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Results } from "../results.ts";
import { caseTables } from "./case-tables.ts";
import { reportHead } from "./report-head.ts";
import { svgChart } from "./svg-chart.ts";

/** Writes the whole report as text. */
export function reportText(results: Results, referencePeer: string): string {
  const tables = results.cases.map((benchCase) => caseTables(results, benchCase, referencePeer));
  return `${[reportHead(results), ...tables].join("\n\n\n")}\n`;
}

/** Writes NAME.json, NAME.txt and NAME.svg into the folder. Returns the paths of the three files. */
export async function writeResults(
  results: Results,
  { folder, name, referencePeer }: { folder: string; name: string; referencePeer: string },
): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const files = {
    json: `${JSON.stringify(results, null, 2)}\n`,
    txt: reportText(results, referencePeer),
    svg: svgChart(results),
  };
  return Promise.all(
    Object.entries(files).map(async ([extension, content]) => {
      const path = join(folder, `${name}.${extension}`);
      await writeFile(path, content);
      return path;
    }),
  );
}
