import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { expect, test } from "vitest";

const PROGRAM = `
  import { registerHooks } from "node:module";
  const loaded = [];
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      loaded.push(resolved.url);
      return resolved;
    },
  });
  await import("@millrace/testing");
  await import("@millrace/testing/node");
  process.stdout.write(JSON.stringify(loaded));
`;

test("without Vitest and a Docker client, whose packages are optional, everything else can be loaded", () => {
  const flags = ["--conditions=@millrace/source", "--input-type=module", "--eval", PROGRAM];
  const cwd = resolve(import.meta.dirname, "..");
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }));

  expect(loaded.some((url) => url.endsWith("/packages/testing/src/index.ts"))).toBe(true);
  expect(loaded.filter((url) => /\/(vitest|@testcontainers)\//.test(url))).toEqual([]);
});
