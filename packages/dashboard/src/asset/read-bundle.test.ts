import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DashboardNotBuiltError } from "../not-built-error.ts";
import { readBundle } from "./read-bundle.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-bundle-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>) {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

const manifest = { "main.tsx": { file: "assets/main-1.js", css: ["assets/main-2.css"], isEntry: true } };

test("a bundle has the files of its manifest, and no other file of its folder", () => {
  write({
    ".vite/manifest.json": JSON.stringify(manifest),
    "assets/main-1.js": "start()",
    "assets/main-2.css": "a{}",
    "assets/main-1.js.map": "{}",
    "assets/other.js": "other()",
  });

  const { assets } = readBundle(folder);

  expect([...assets.keys()]).toEqual(["assets/main-1.js", "assets/main-2.css"]);
  expect(new TextDecoder().decode(assets.get("assets/main-1.js")?.body)).toBe("start()");
});

test.each([
  ["an empty folder", {}],
  ["a bundle that lacks a file", { ".vite/manifest.json": JSON.stringify(manifest), "assets/main-1.js": "" }],
  ["a manifest that was half written", { ".vite/manifest.json": '{"main.tsx":{"fi' }],
])("%s is told with the command that builds", (_case, files) => {
  write(files);

  expect(() => readBundle(folder)).toThrow(DashboardNotBuiltError);
  expect(() => readBundle(folder)).toThrow("Build it: npx --yes pnpm@12 --filter @millrace/dashboard bundle");
});
