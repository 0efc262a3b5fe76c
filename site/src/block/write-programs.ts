import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { GENERATED, REPOSITORY, SITE } from "../folders.ts";
import { sitePages } from "../page/site-pages.ts";
import { publicEntryPoints } from "../public-packages.ts";
import { blockProgram, isChecked } from "./block-program.ts";
import { type CodeBlock, codeBlocks } from "./code-block.ts";
import { exportedNames } from "./exported-names.ts";

/** A block of code and the file that was written for it. */
export interface WrittenProgram {
  block: CodeBlock;
  file: string;
  linesBefore: number;
}

const FOLDER = join(GENERATED, "blocks");

/** Recipes that stand in a README word for word. Their package type-checks them and runs them in tests. */
const RECIPES = join(REPOSITORY, "packages/dashboard/test/recipes");

/** Modules of the reader's program that examples import. */
const MODULES = ["schema.ts", "mailer.ts"];

/** The project of all blocks. Every package can be imported, also one that this package does not depend on. */
const tsconfig = () => ({
  extends: "../../../tsconfig.base.json",
  // As in an ordinary strict project. The rules that only this repository has are left out.
  compilerOptions: {
    noEmit: true,
    paths: Object.fromEntries(publicEntryPoints().map(({ specifier, file }) => [specifier, [file]])),
    lib: ["ES2024", "ESNext.Disposable"],
    allowJs: true,
    checkJs: true,
    jsx: "preserve",
    allowImportingTsExtensions: true,
    experimentalDecorators: true,
    verbatimModuleSyntax: false,
    noUncheckedIndexedAccess: false,
    exactOptionalPropertyTypes: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    erasableSyntaxOnly: false,
    rewriteRelativeImportExtensions: false,
    declaration: false,
  },
  include: ["."],
});

/** Returns all blocks of code of the pages that people write. */
export function allBlocks(): CodeBlock[] {
  return sitePages({ generated: false }).flatMap(({ source, text }) => codeBlocks(source, text));
}

/** Writes a program for each block of TypeScript and JavaScript, and a project of them all in `generated/blocks`. */
export function writePrograms(): WrittenProgram[] {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, "tsconfig.json"), JSON.stringify(tsconfig()));
  cpSync(join(SITE, "placeholders"), FOLDER, { recursive: true });
  const exported = exportedNames();
  const recipes = new Set(
    readdirSync(RECIPES).map((name) => readFileSync(join(RECIPES, name), "utf8").trim()),
  );
  return allBlocks()
    .filter((block) => isChecked(block) && !recipes.has(block.code.trim()))
    .map((block) => {
      const program = blockProgram(block, exported);
      const file = join(FOLDER, folderOf(block.source), program.name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, program.text);
      for (const name of MODULES) writeOnce(join(FOLDER, folderOf(block.source), name), name);
      return { block, file, linesBefore: program.linesBefore };
    });
}

/** Gives a page's folder a placeholder, unless a block of the page names a file so. */
function writeOnce(file: string, name: string): void {
  if (!existsSync(file)) writeFileSync(file, `export * from "../../${name}";\n`);
}

/** A folder for each page, so that the files that its blocks name can import one another. */
export function folderOf(source: string): string {
  return `pages/${source.replace(/\.md$/, "").replaceAll("/", "--")}`;
}
