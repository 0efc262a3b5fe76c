import { spawn } from "node:child_process";
import { once } from "node:events";
import { createQueue } from "@millrace/queue";
import pg from "pg";
import { expect } from "vitest";
import { runNode } from "./run-node.ts";

/** The programs of a project, as arguments for Node. */
export interface ProjectPrograms {
  readonly databaseUrl: string;
  /** Runs until it gets SIGTERM. */
  readonly worker: readonly string[];
  /** Enqueues a job, prints its id, and ends. */
  readonly enqueue: readonly string[];
  /** Default: the Node of the tests. */
  readonly node?: string;
}

/**
 * Enqueues a job with one program of a project, and runs the job with the other one, which must then end without an
 * error. Returns what the worker printed.
 */
export async function workThrough(
  cwd: string,
  { databaseUrl, worker, enqueue, node = process.execPath }: ProjectPrograms,
): Promise<string> {
  const env = { DATABASE_URL: databaseUrl, MILLRACE_DATABASE_URL: databaseUrl };
  const printed = await runNode(enqueue, { cwd, env, node });
  const [id = ""] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(printed) ?? [];
  const pool = new pg.Pool({ connectionString: databaseUrl });
  const child = spawn(node, [...worker], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        said += text;
      });
    const closed = once(child, "close");
    const failed = closed.then(([code]) => expect.fail(`The worker ended with ${code}: ${said}`));
    failed.catch(() => undefined);
    const job = await Promise.race([createQueue(pool).waitFor(id, { timeoutMs: 60_000 }), failed]);
    expect(job.state).toBe("completed");
    child.kill("SIGTERM");
    expect(await closed, said).toEqual([0, null]);
    return said;
  } finally {
    child.kill("SIGKILL");
    await pool.end();
  }
}
