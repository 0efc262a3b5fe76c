import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";

const FOLDER = join(import.meta.dirname, "../../test/types");

/** What the workspace's compiler says of the wrong calls, by line. */
async function complaints(): Promise<Map<number, string>> {
  const compiler = join(
    dirname(createRequire(import.meta.url).resolve("typescript/package.json")),
    "bin/tsc",
  );
  const output = await new Promise<string>((resolve) => {
    execFile(process.execPath, [compiler, "--pretty", "false", "-p", FOLDER], (_exit, said) => resolve(said));
  });
  const byLine = new Map<number, string>();
  for (const text of output.split(/^(?=\S*wrong-calls\.ts\()/m)) {
    const line = Number(/wrong-calls\.ts\((\d+),/.exec(text)?.[1]);
    byLine.set(line, (byLine.get(line) ?? "") + text);
  }
  return byLine;
}

test("the compiler refuses each wrong call, and says what is wrong with it", async () => {
  const lines = (await readFile(join(FOLDER, "wrong-calls.ts"), "utf8")).split("\n");
  const expected = lines.flatMap((text, index) => {
    const says = /^\s*\/\/ says: (.*)$/.exec(text)?.[1];
    // The call stands on the line below. Lines count from one.
    return says === undefined ? [] : { line: index + 2, says };
  });

  const found = await complaints();

  expect(expected.length).toBeGreaterThan(10);
  expect([...found.keys()].sort((a, b) => a - b)).toEqual(expected.map(({ line }) => line));
  for (const { line, says } of expected) expect(found.get(line)).toContain(says);
});
