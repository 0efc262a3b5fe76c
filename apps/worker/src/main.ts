#!/usr/bin/env node
import { neededNode, nodeProblem } from "@millrace/base/runtime";

// The program is loaded after the check, because an old Node would fail with an error that says nothing of its age.
const problem = nodeProblem("millrace-worker", neededNode(new URL("../package.json", import.meta.url)));
if (problem === null) await import("./run-process.ts");
else {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 2;
}
