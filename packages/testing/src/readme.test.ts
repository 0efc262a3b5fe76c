import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const PACKAGE = join(import.meta.dirname, "..");
const FOLDER = join(PACKAGE, "test-results/readme");

/** The TypeScript programs of the README, in their order. */
async function programs(): Promise<string[]> {
  const page = await readFile(join(PACKAGE, "README.md"), "utf8");
  return [...page.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
}

/** What the workspace's compiler says of all programs. */
function complaints(): Promise<string> {
  const resolve = createRequire(import.meta.url).resolve;
  const compiler = join(dirname(resolve("typescript/package.json")), "bin/tsc");
  return new Promise((done) => {
    execFile(process.execPath, [compiler, "--pretty", "false", "-p", FOLDER], (_exit, said) => done(said));
  });
}

test("every program of the README is a whole program, which the compiler accepts", async () => {
  onTestFinished(() => rm(FOLDER, { recursive: true, force: true }));
  await mkdir(FOLDER, { recursive: true });
  const texts = await programs();
  // Shows that the compiler reads the folder: without this program, no complaint could also mean that it did not run.
  await writeFile(join(FOLDER, "wrong.ts"), 'export const wrong: number = "text";\n');
  await Promise.all(texts.map((text, at) => writeFile(join(FOLDER, `program-${at + 1}.ts`), text)));
  const tsconfig = {
    extends: "../../../../tsconfig.base.json",
    compilerOptions: { noEmit: true },
    include: ["*.ts"],
  };
  await writeFile(join(FOLDER, "tsconfig.json"), JSON.stringify(tsconfig));

  expect(texts.length).toBeGreaterThan(8);
  expect((await complaints()).trim().split("\n")).toEqual([
    expect.stringMatching(/wrong\.ts\(1,14\): error TS2322/),
  ]);
});
