import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { expect, test } from "vitest";

/** How much a browser loads before it shows a page, compressed, at most. */
const FIRST_LOAD_BYTES_MAX = 60_000;

/** The HTML around the pages, compressed: an allowance, because the server writes the HTML. */
const HTML_BYTES = 1_000;

type Bundle = Rolldown.RolldownOutput["output"];

test("no page loads more than 60 kB before it is shown", async () => {
  const bundle = await buildPages();
  const entry = bundle.find((file) => file.type === "chunk" && file.isEntry);
  const pages = bundle.filter((file) => file.type === "chunk" && file.fileName.includes("-page-"));

  const loads = pages.map((page) => {
    const files = loadedWith(bundle, [entry?.fileName ?? "", page.fileName]);
    return {
      page: page.fileName,
      bytes: HTML_BYTES + files.reduce((sum, file) => sum + compressed(file), 0),
    };
  });

  expect(entry).toBeDefined();
  expect(pages.length).toBeGreaterThanOrEqual(8);
  expect(loads.filter(({ bytes }) => bytes > FIRST_LOAD_BYTES_MAX)).toEqual([]);
});

async function buildPages(): Promise<Bundle> {
  const configFile = resolve(import.meta.dirname, "../vite.config.ts");
  const built = await build({ configFile, logLevel: "error", build: { write: false } });
  const [output] = Array.isArray(built) ? built : [built];
  return output !== undefined && "output" in output ? output.output : fail();
}

function fail(): never {
  throw new Error("Vite watched the sources instead of building them.");
}

/** The files that a browser loads at once for some scripts: what they import, and the styles of all of them. */
function loadedWith(bundle: Bundle, names: readonly string[]): Bundle[number][] {
  const wanted = new Set(names);
  // A set yields what is added to it while it is read.
  for (const name of wanted) {
    const file = bundle.find(({ fileName }) => fileName === name);
    if (file?.type !== "chunk") continue;
    for (const each of file.imports) wanted.add(each);
    for (const each of file.viteMetadata?.importedCss ?? []) wanted.add(each);
  }
  return bundle.filter(({ fileName }) => wanted.has(fileName));
}

const compressed = (file: Bundle[number]) =>
  gzipSync(file.type === "chunk" ? file.code : Buffer.from(file.source)).length;
