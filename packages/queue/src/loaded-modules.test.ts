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
  await import("@millrace/queue");
  process.stdout.write(JSON.stringify(loaded));
`;

test("loading the queue loads nothing of Drizzle, whose table builders take 100 MB of an idle worker's memory", () => {
  const flags = ["--conditions=@millrace/source", "--input-type=module", "--eval", PROGRAM];
  const cwd = resolve(import.meta.dirname, "..");
  const loaded: string[] = JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }));

  expect(loaded.some((url) => url.endsWith("/packages/queue/src/index.ts"))).toBe(true);
  expect(loaded.filter((url) => url.includes("drizzle-orm"))).toEqual([]);
});
