import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** A line of a file. */
export interface ErrorLocation {
  file: string;
  line: number;
}

/** 10 s are enough for Node to start and parse a file on a busy machine. */
const CHECK_TIMEOUT_MS = 10_000;

/** The first line that Node prints about a syntax error: `/srv/tasks/a.ts:2` or `file:///srv/tasks/a.js:2`. */
const HEAD = /^(?<place>(?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(?<line>\d+)\s*(?:\n|$)/;

/** Finds the line of the error that kept the module `file` from loading. Undefined when the line is unknown. */
export async function locateError(error: unknown, file: string): Promise<ErrorLocation | undefined> {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const found = headOf(stack) ?? frameIn(stack, file);
  // The stack of a syntax error in an ES module has no line. Node prints the line only when the error ends a process.
  return found === undefined && error instanceof SyntaxError ? headOf(await checkSyntax(file)) : found;
}

function headOf(text: string): ErrorLocation | undefined {
  const { place, line } = HEAD.exec(text)?.groups ?? {};
  if (place === undefined) return undefined;
  return { file: place.startsWith("file://") ? fileURLToPath(place) : place, line: Number(line) };
}

/** Returns the first stack frame in `file` itself. A frame in a package says little about the module. */
function frameIn(stack: string, file: string): ErrorLocation | undefined {
  for (const name of [pathToFileURL(file).href, file]) {
    const [, after] = stack.split(`${name}:`, 2);
    const line = /^(\d+):\d+/.exec(after ?? "")?.[1];
    if (line !== undefined) return { file, line: Number(line) };
  }
  return undefined;
}

/** Returns the text that `node --check` prints about a file; empty without a fault. The check does not run the file. */
async function checkSyntax(file: string): Promise<string> {
  const { NODE_OPTIONS: _preloads, ...env } = process.env;
  const options = { env, timeout: CHECK_TIMEOUT_MS };
  const checked = promisify(execFile)(process.execPath, ["--check", file], options);
  return checked.then(
    () => "",
    (failure: unknown) =>
      failure instanceof Error && "stderr" in failure ? String(failure.stderr).trimStart() : "",
  );
}
