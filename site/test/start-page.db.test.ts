import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blockProgram } from "../src/block/block-program.ts";
import { allBlocks } from "../src/block/write-programs.ts";
import { GENERATED } from "../src/folders.ts";

const database = useTestDatabase();
const FOLDER = join(GENERATED, `start-page-${process.pid}`);
const children: ChildProcess[] = [];

beforeAll(() => {
  for (const block of allBlocks().filter(
    ({ source, language }) => source === "docs/start.md" && language === "ts",
  )) {
    const file = join(FOLDER, blockProgram(block, new Map()).name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, block.code);
  }
});

afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(FOLDER, { recursive: true, force: true });
});

/** Starts a program of the page. `output` grows as the program prints. */
function start(name: string): { child: ChildProcess; output(): string; ended: Promise<unknown[]> } {
  const child = spawn(
    process.execPath,
    ["--conditions=@millrace/source", "--no-warnings", join(FOLDER, name)],
    {
      env: { ...process.env, DATABASE_URL: database.url },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  children.push(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (part) => (text += part));
  return { child, output: () => text, ended: once(child, "close") };
}

test("the programs of the start page enqueue a job, run it, and stop", async () => {
  const worker = start("src/worker.ts");
  const enqueue = start("src/enqueue.ts");

  expect({ code: (await enqueue.ended)[0], output: enqueue.output() }).toEqual({
    code: 0,
    output: expect.stringMatching(/enqueued [\s\S]*completed \{\s+key: /),
  });
  worker.child.kill("SIGTERM");
  expect({ code: (await worker.ended)[0], output: worker.output() }).toEqual({
    code: 0,
    output: expect.stringMatching(/worker started[\s\S]*completed mail\.welcome/),
  });
});
