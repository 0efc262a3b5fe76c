import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { writePrograms } from "./block/write-programs.ts";
import { GENERATED, REPOSITORY, SITE } from "./folders.ts";

// Checks the types of this package, and of every block of TypeScript and JavaScript in the documentation. The compiler
// is the repository's: the one of this package is only for TypeDoc.
const COMPILER = join(REPOSITORY, "node_modules/typescript/bin/tsc");

function compile(project: string): { ok: boolean; output: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [COMPILER, "--noEmit", "--pretty", "false", "-p", project],
    {
      cwd: SITE,
      encoding: "utf8",
    },
  );
  return { ok: status === 0, output: stdout + stderr };
}

const programs = writePrograms();
const own = compile("tsconfig.json");
const blocks = compile("generated/blocks/tsconfig.json");

/** Names the line of the Markdown file in place of the line of the generated file. */
function inMarkdown(output: string): string {
  return output.replaceAll(
    /^(\S+?)\((\d+),(\d+)\)/gm,
    (whole, path: string, line: string, column: string) => {
      const found = programs.find(({ file }) => relative(SITE, file).replaceAll("\\", "/") === path);
      if (found === undefined) return whole;
      const { block, linesBefore } = found;
      return `${block.source}(${Number(line) - linesBefore + block.line - 1},${column})`;
    },
  );
}

process.stdout.write(own.output + inMarkdown(blocks.output));
process.stdout.write(
  `Checked ${programs.length} blocks of code in ${relative(REPOSITORY, GENERATED)}/blocks.\n`,
);
process.exitCode = own.ok && blocks.ok ? 0 : 1;
