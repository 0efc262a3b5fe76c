import { execFile } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { expect, test } from "vitest";
import { runNode } from "./run-node.ts";
import { useFolder } from "./use-folder.ts";
import { workThrough } from "./work-through.ts";

const run = promisify(execFile);
const database = useTestDatabase();
const folder = useFolder();
const modules = join(import.meta.dirname, "../node_modules");

/** The strictest options of a project. Of the written files, no line may break one. */
const STRICT = {
  target: "es2022",
  types: ["node"],
  noEmit: true,
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
};

/** Makes a project with these files, whose dependencies are the built packages of the workspace. */
function project(name: string, files: Record<string, unknown>): string {
  const at = join(folder, name);
  mkdirSync(at);
  for (const [path, content] of Object.entries(files)) writeFileSync(join(at, path), JSON.stringify(content));
  symlinkSync(modules, join(at, "node_modules"));
  return at;
}

test.each([
  {
    name: "typescript-on-node",
    manifest: { type: "module" },
    compilerOptions: { ...STRICT, module: "nodenext", allowImportingTsExtensions: true },
    command: ["node"],
    extension: "ts",
  },
  {
    name: "typescript-with-drizzle",
    manifest: { type: "module", dependencies: { "drizzle-orm": "*" } },
    // Drizzle's own types do not pass a check of libraries.
    compilerOptions: { ...STRICT, module: "esnext", moduleResolution: "bundler", skipLibCheck: true },
    command: ["tsx"],
    extension: "ts",
  },
  {
    name: "typescript-in-commonjs",
    manifest: {},
    compilerOptions: { ...STRICT, module: "nodenext" },
    command: ["tsx"],
    extension: "mts",
  },
  { name: "javascript", manifest: {}, compilerOptions: null, command: ["node"], extension: "mjs" },
])("what `millrace init` writes is typed strictly, and runs ($name)", async (how) => {
  const { name, manifest, compilerOptions, command, extension } = how;
  const at = project(name, {
    "package.json": manifest,
    ...(compilerOptions === null ? {} : { "tsconfig.json": { compilerOptions, include: ["src"] } }),
  });
  const env = { DATABASE_URL: database.url };
  const millrace = join(modules, "@millrace/admin-cli/dist/main.js");
  const { files, next } = JSON.parse(await runNode([millrace, "init", "--json"], { cwd: at }));

  expect(files).toContainEqual({ path: `src/jobs/worker.${extension}`, outcome: "written" });
  expect(JSON.stringify(next)).toContain(`${command[0]} src/jobs/worker.${extension}`);
  if (compilerOptions !== null) {
    const types = await run(process.execPath, [join(modules, "typescript/bin/tsc"), "-p", at]).catch(
      (error) => error,
    );
    expect(types.stdout).toBe("");
  }

  await runNode([millrace, "migrate"], { cwd: at, env });
  const program = command[0] === "tsx" ? [join(modules, "tsx/dist/cli.mjs")] : [];
  const path = (file: string) => [...program, `src/jobs/${file}.${extension}`];
  const said = await workThrough(at, {
    databaseUrl: database.url,
    worker: path("worker"),
    enqueue: [...path("enqueue-welcome"), `${name}@example.com`],
  });

  expect(said).toContain(`Welcome, ${name}@example.com!`);
});
