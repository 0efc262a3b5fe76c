import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { packAll } from "./public-packages.ts";

// Packs every package that is published, all built, into the folder of the first argument. Prints the lines that a pnpm
// workspace needs to install them. Run by `pnpm tarballs`.
const folder = resolve(process.argv[2] ?? ".millrace/tarballs");
mkdirSync(folder, { recursive: true });
const tarballs = await packAll(folder);
process.stdout.write("# For the pnpm-workspace.yaml of a project:\noverrides:\n");
for (const [name, file] of tarballs) process.stdout.write(`  "${name}": "file:${file}"\n`);
