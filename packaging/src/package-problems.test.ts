import { expect, test } from "vitest";
import { importProblems } from "./check/import-problems.ts";
import { linkProblems } from "./check/link-problems.ts";
import { manifestProblems } from "./check/manifest-problems.ts";
import { sourceMapProblems } from "./check/source-map-problems.ts";
import type { Manifest, PackedPackage } from "./packed-package.ts";

const MANIFEST: Manifest = {
  name: "@millrace/example",
  description: "An example",
  license: "MIT",
  keywords: ["example"],
  engines: { node: ">=20.19.0" },
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  },
  dependencies: { zod: "4.6.7" },
  peerDependencies: { pg: ">=8.11.0 <9" },
};

const IN_WORKSPACE: Manifest = {
  ...MANIFEST,
  exports: {
    ".": { "@millrace/source": "./src/index.ts", types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  },
};

/** A package of these files. */
function packed(files: Record<string, string>, manifest: Partial<Manifest> = {}): PackedPackage {
  const all: Record<string, string> = { LICENSE: "MIT", "README.md": "# Example", ...files };
  return {
    tarball: new Uint8Array(),
    manifest: { ...MANIFEST, ...manifest },
    paths: new Set(Object.keys(all)),
    text: (path) => all[path] ?? "",
  };
}

test("a whole package has no problem", async () => {
  const good = packed({
    "README.md": "[the licence](LICENSE) [a part](#part) [elsewhere](https://example.com)",
    "dist/index.js":
      'import "pg"; import { z } from "zod/v4"; const text = `import "nothing"`;\n//# sourceMappingURL=index.js.map',
    "dist/index.js.map": JSON.stringify({ sources: ["../src/index.ts"], sourcesContent: ["text"] }),
    "dist/index.d.ts": '/** import "nothing" */\nimport type { z } from "zod";',
  });

  expect(manifestProblems(good, IN_WORKSPACE)).toEqual([]);
  expect(await importProblems(good)).toEqual([]);
  expect(linkProblems(good)).toEqual([]);
  expect(sourceMapProblems(good)).toEqual([]);
});

test("an import that package.json does not name is a problem, and types that a peer lacks", async () => {
  const bad = packed({
    "dist/index.js": 'await import("drizzle-orm/sql/sql");',
    "dist/index.d.ts": 'import type { Pool } from "pg";',
  });

  expect(await importProblems(bad)).toEqual([
    "dist/index.js imports drizzle-orm, which package.json does not name",
    "dist/index.d.ts needs @types/pg as a peer",
  ]);
});

test("a link out of the package is a problem", () => {
  const bad = packed({ "README.md": "See [the other](../queue/README.md#part)." });

  expect(linkProblems(bad)).toEqual([
    "README.md links to ../queue/README.md#part, which is not in the package; name it without a link",
  ]);
});

test("a source map that is missing, or lacks its sources, is a problem", () => {
  const bad = packed({
    "dist/a.js": "//# sourceMappingURL=a.js.map",
    "dist/b.js": "//# sourceMappingURL=b.js.map",
    "dist/b.js.map": JSON.stringify({ sources: ["../src/b.ts"] }),
  });

  expect(sourceMapProblems(bad)).toEqual([
    "dist/a.js names the source map dist/a.js.map, which is not in the package",
    "dist/b.js.map has neither the text of ../src/b.ts, nor is that file in the package",
  ]);
});

test("what the workspace alone understands is a problem, and what package.json does not say", () => {
  const { keywords: _keywords, ...silent } = MANIFEST;
  const bad: PackedPackage = {
    ...packed({}),
    manifest: { ...silent, exports: IN_WORKSPACE.exports ?? {}, dependencies: { zod: "catalog:" } },
    paths: new Set(["README.md"]),
  };

  expect(manifestProblems(bad, IN_WORKSPACE)).toEqual([
    "there is no LICENSE",
    "package.json has no keywords",
    expect.stringMatching(/^publishConfig\.exports has .+@millrace\/source.+ for \., exports has /),
    "the range of zod is catalog:",
  ]);
});
