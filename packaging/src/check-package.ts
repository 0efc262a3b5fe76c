import { readFileSync } from "node:fs";
import { packageProblems } from "./package-problems.ts";
import { packPackage } from "./packed-package.ts";

// Checks the package of the working folder as it would be published. Run by `package:check` of each package.
const packed = await packPackage(process.cwd());
const problems = await packageProblems(packed, JSON.parse(readFileSync("package.json", "utf8")));
for (const problem of problems) process.stderr.write(`${packed.manifest.name}: ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
