import { ensureBundle } from "./ensure-bundle.ts";

// Builds the pages, unless they are built and no source has changed since.
await ensureBundle({ onBuild: () => process.stdout.write("Building the dashboard's pages.\n") });
