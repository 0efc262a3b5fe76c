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

/** The addresses of all modules that the queue loads. */
function loadedModules(): string[] {
  const flags = ["--conditions=@millrace/source", "--input-type=module", "--eval", PROGRAM];
  const cwd = resolve(import.meta.dirname, "..");
  return JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" }));
}

test("loading the queue loads nothing of Drizzle, whose table builders take 100 MB of an idle worker's memory", () => {
  const loaded = loadedModules();

  expect(loaded.some((url) => url.endsWith("/packages/queue/src/index.ts"))).toBe(true);
  expect(loaded.filter((url) => url.includes("drizzle-orm"))).toEqual([]);
});

test("loading the queue loads nothing of OpenTelemetry, which need not be installed", () => {
  const loaded = loadedModules();

  expect(loaded.some((url) => url.endsWith("/packages/queue/src/enqueue/traced.ts"))).toBe(true);
  expect(loaded.filter((url) => /opentelemetry|\/src\/trace\//.test(url))).toEqual([]);
});
