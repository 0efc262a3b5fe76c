import { execFile } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** A line of a file. */
export interface ErrorLocation {
  file: string;
  line: number;
}

/** Long enough for Node to start and parse a file on a busy machine. */
const CHECK_TIMEOUT_MS = 10_000;

/** The first line of what Node prints of a syntax error: `/srv/tasks/a.ts:2` or `file:///srv/tasks/a.js:2`. */
const HEAD = /^(?<place>(?:file:\/\/|\/|[A-Za-z]:[\\/]).*):(?<line>\d+)\s*(?:\n|$)/;

/** Where the error is that kept the module `file` from loading; undefined when nothing tells. */
export async function locateError(error: unknown, file: string): Promise<ErrorLocation | undefined> {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  const found = headOf(stack) ?? frameIn(stack, file);
  // A syntax error in an ES module carries no place: only a process that dies of it prints one.
  return found === undefined && error instanceof SyntaxError ? headOf(await checkSyntax(file)) : found;
}

function headOf(text: string): ErrorLocation | undefined {
  const { place, line } = HEAD.exec(text)?.groups ?? {};
  if (place === undefined) return undefined;
  return { file: place.startsWith("file://") ? fileURLToPath(place) : place, line: Number(line) };
}

/** The first stack frame in `file` itself: a frame in a package says little about the module. */
function frameIn(stack: string, file: string): ErrorLocation | undefined {
  for (const name of [pathToFileURL(file).href, file]) {
    const [, after] = stack.split(`${name}:`, 2);
    const line = /^(\d+):\d+/.exec(after ?? "")?.[1];
    if (line !== undefined) return { file, line: Number(line) };
  }
  return undefined;
}

/** What `node --check` prints of a file; empty when it finds no fault. It runs nothing of the file. */
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
