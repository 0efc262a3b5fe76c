import { resolve } from "node:path";
import { defaultClientConditions, defineConfig } from "vite";

/**
 * Builds the pages from `web/` into `dist/web`, with a manifest from which the server knows the names of the files.
 * All addresses are relative, because the base path is known at run time only.
 */
export default defineConfig({
  root: resolve(import.meta.dirname, "web"),
  base: "./",
  publicDir: false,
  appType: "custom",
  resolve: { conditions: ["@millrace/source", ...defaultClientConditions] },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: resolve(import.meta.dirname, "dist/web"),
    emptyOutDir: true,
    manifest: true,
    target: "baseline-widely-available",
    // A data URL in a style would need its own permission in the content security policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: resolve(import.meta.dirname, "web/main.tsx"),
    },
  },
});
