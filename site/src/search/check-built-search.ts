import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { SITE } from "../folders.ts";
import { QUESTIONS } from "./questions.ts";
import { firstHits, loadSearchIndex } from "./search-index.ts";

/** The search of the built site does not find the answers of some questions. */
export class BuiltSearchError extends Error {
  readonly code = "BUILT_SEARCH";

  constructor(missing: readonly string[]) {
    super(
      `The search of the built site finds no answer among its first three hits for: ${missing.join(", ")}.`,
    );
    this.name = "BuiltSearchError";
  }
}

/** Asks the index in `dist` the questions of `QUESTIONS`. Throws `BuiltSearchError`. */
export async function checkBuiltSearch(): Promise<void> {
  const [file = ""] = globSync("dist/assets/chunks/@localSearchIndexroot.*.js", { cwd: SITE });
  const { default: json }: { default: string } = await import(pathToFileURL(join(SITE, file)).href);
  const index = loadSearchIndex(json);
  const missing = QUESTIONS.flatMap(({ searches, answers }) =>
    searches.filter((words) => {
      const hits = firstHits(index, words, 3);
      return !hits.some((hit) => answers.some((answer) => hit.startsWith(`${answer}#`)));
    }),
  );
  if (missing.length > 0) throw new BuiltSearchError(missing);
}
