import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { waitFor } from "@millrace/testpg";

/** A program of this package as a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  /** All it has written so far, to both of its outputs. */
  output(): string;
  /** What it has written so far to standard error. */
  errors(): string;
  /** The last line of its log with this message. Fails when there is none. */
  logLine(message: string): unknown;
  /** Waits until it has written something. Fails when it ends without. */
  wrote(text: string | RegExp): Promise<void>;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
}

/** What to start it with. */
export interface StartOptions {
  env?: Record<string, string>;
  argv?: readonly string[];
}

/** Less than a test's own limit. The demo sets up a PostgreSQL of its own first: that takes long on a busy machine. */
const PATIENCE_MS = 150_000;

/** Starts `src/main.ts` or `src/start.ts` from source, with the variables of `env` and nothing else set. */
export function startProgram(file: "main.ts" | "start.ts", { env = {}, argv = [] }: StartOptions): Program {
  const path = fileURLToPath(new URL(`../src/${file}`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@millrace/source", path, ...argv], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  let log = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    log += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    errors += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  const contains = (text: string | RegExp) =>
    typeof text === "string" ? output.includes(text) : text.test(output);
  return {
    child,
    exited,
    output: () => output,
    errors: () => errors,
    logLine(message) {
      const line = log.split("\n").findLast((each) => each.includes(`"msg":"${message}"`));
      if (line === undefined) throw new Error(`The log has no line "${message}":\n${output}`);
      return JSON.parse(line);
    },
    async wrote(text) {
      const ended = exited.then(() => {
        if (!contains(text)) throw new Error(`The program ended without writing ${text}:\n${output}`);
      });
      const written = waitFor(() => contains(text), {
        description: `${text} in:\n${output}`,
        timeoutMs: PATIENCE_MS,
      });
      await Promise.race([written, ended]);
    },
  };
}
