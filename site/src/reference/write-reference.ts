import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
// The command is a program, and exports nothing. The reference reads the command's source, as TypeDoc reads sources.
import { idleProgram } from "../../../apps/admin-cli/src/idle-program.ts";
import { GENERATED } from "../folders.ts";
import { sitePages } from "../page/site-pages.ts";
import { writeApiReference } from "./api-reference.ts";
import { cliReference } from "./cli-reference.ts";
import { decisionsIndex } from "./decisions-index.ts";

const INDEX = `# Reference

- [The millrace command](millrace.md): every command with its arguments and options
- [The API](api/index.md): every export of every package, from its docstring
- [The worker's configuration](../../../apps/worker/README.md#configuration)
- [The HTTP API](../../../packages/api/README.md)
- [The SQL functions](../../../packages/queue/README.md#enqueue) and [the tables](../../../packages/schema/README.md)
- [The error codes and outcomes of a run](../../../packages/queue/README.md#outcomes-of-a-run)
`;

/** Generates the pages that no person writes: the command's and the API's reference, and the list of decisions. */
export async function writeReference(): Promise<void> {
  rmSync(join(GENERATED, "reference"), { recursive: true, force: true });
  await writeApiReference();
  write("reference/index.md", INDEX);
  write("reference/millrace.md", cliReference(idleProgram()));
  write("decisions/index.md", decisionsIndex(sitePages({ generated: false })));
}

function write(path: string, text: string): void {
  const file = join(GENERATED, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
