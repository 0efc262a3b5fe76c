import { defineConfig } from "vitest/config";
// Only in this repository: Millrace's packages are TypeScript here, and JavaScript where they are installed.
import { fromSource } from "../../vitest.shared.ts";

export default defineConfig({
  ...fromSource,
  test: { globalSetup: ["test/global-setup.ts"], testTimeout: 60_000, hookTimeout: 60_000 },
});
