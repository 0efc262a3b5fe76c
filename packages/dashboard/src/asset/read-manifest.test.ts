import { expect, test } from "vitest";
import { readManifest } from "./read-manifest.ts";

const manifest = {
  "main.tsx": {
    file: "assets/main-1.js",
    css: ["assets/main-2.css"],
    isEntry: true,
    imports: ["_shared-3.js"],
    dynamicImports: ["chart.tsx"],
  },
  "_shared-3.js": { file: "assets/shared-3.js", css: ["assets/shared-6.css"], imports: ["_base-7.js"] },
  "_base-7.js": { file: "assets/base-7.js", imports: ["_shared-3.js"] },
  "chart.tsx": { file: "assets/chart-4.js", css: ["assets/main-2.css"], assets: ["assets/mark-5.svg"] },
};

test("a manifest tells every file, and what a page loads at first", () => {
  expect(readManifest(manifest)).toEqual({
    files: [
      "assets/main-1.js",
      "assets/main-2.css",
      "assets/shared-3.js",
      "assets/shared-6.css",
      "assets/base-7.js",
      "assets/chart-4.js",
      "assets/mark-5.svg",
    ],
    script: "assets/main-1.js",
    imported: ["assets/shared-3.js", "assets/base-7.js"],
    styles: ["assets/main-2.css", "assets/shared-6.css"],
  });
});

test.each([null, [], {}, { a: {} }, { a: { file: 7 } }, { a: { file: "a.js" } }])(
  "%j is no manifest of a bundle",
  (value) => {
    expect(() => readManifest(value)).toThrow();
  },
);
