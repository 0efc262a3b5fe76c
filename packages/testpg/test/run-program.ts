import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readdir, realpath, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { waitFor } from "../src/index.ts";
import type { ServerUser } from "../src/server-user.ts";

/** The path of a file of this package. */
export function packageFile(path: string): string {
  return join(import.meta.dirname, "..", path);
}

/** An environment that leads to an embedded server with its data below `folder`. */
export function embeddedEnv(folder: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, TMPDIR: folder, DOCKER_HOST: "unix:///nonexistent" };
  delete env.TEST_DATABASE_URL;
  delete env.TEST_POSTGRES_MAJOR;
  return env;
}

/** An empty folder for one test, which other users may enter unless it is private. */
export async function testFolder({ private: closed = false } = {}): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "millrace-testing-")));
  if (!closed) await chmod(folder, 0o755);
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A running program: its output so far, and how it ends. */
export interface Program {
  readonly pid: number;
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  output(): string;
  /** The first line of output that matches, as soon as it is there. */
  line(pattern: RegExp): Promise<string>;
}

/** Starts a Node program, as another user if one is given; it is killed at the end of the test at the latest. */
export function runProgram(args: readonly string[], env: NodeJS.ProcessEnv, user?: ServerUser): Program {
  const child = spawn(process.execPath, args, { ...user, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
  }
  // `close` and not `exit`: only then is all of its output there.
  const ended = once(child, "close").then(([status, signal]) => ({ status, signal }));
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    line: (pattern) =>
      waitFor(() => output.split("\n").find((line) => pattern.test(line)), {
        description: `a line like ${pattern}`,
      }),
  };
}

/** Resolves when nothing listens on the port any more and the folder is empty. */
export async function nothingLeft({ port, folder }: { port?: number; folder: string }): Promise<void> {
  await waitFor(async () => (await readdir(folder)).length === 0, {
    description: `${folder} to be empty`,
  });
  if (port !== undefined) {
    await waitFor(() => isRefused(port), { description: `port ${port} to close` });
  }
}

function isRefused(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.once("connect", () => resolve(false));
    socket.once("error", () => resolve(true));
    socket.once("connect", () => socket.destroy());
  });
}
