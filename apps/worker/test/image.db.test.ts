import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { afterAll, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../../..");
const database = useTestDatabase();
const machine = mkdtempSync(join(tmpdir(), "millrace-image-"));
afterAll(() => rmSync(machine, { recursive: true, force: true }));

/** An instruction of a Dockerfile, such as `RUN` and what to run. */
interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of the stages that build, by the names of the stages. */
function stages(): Map<string, Instruction[]> {
  const found = new Map<string, Instruction[]>();
  let stage: Instruction[] = [];
  for (const line of readFileSync(join(ROOT, "deploy/Dockerfile"), "utf8").split("\n")) {
    const [, name = "", text = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      stage = [];
      found.set(/ AS (\w+)$/.exec(text)?.[1] ?? "", stage);
    } else if (name !== "") stage.push({ name, text });
  }
  return found;
}

/** Follows the instructions of a stage on this machine. The stage's root is a folder of its own. */
function follow(stage: string, instructions: readonly Instruction[]): void {
  const root = join(machine, stage);
  let workdir = root;
  for (const { name, text } of instructions) {
    if (name === "WORKDIR") {
      workdir = join(root, text);
      mkdirSync(workdir, { recursive: true });
    } else if (name === "COPY") copy(text, workdir);
    // The commands name folders of the image, such as /out: here they are below the stage's root.
    else if (name === "RUN") run(text.replaceAll(/ (\/out\/)/g, ` ${root}$1`), workdir);
    else throw new Error(`This test does not know the instruction ${name} ${text}`);
  }
}

/** Copies as `COPY` does: from another stage, or from what git has of this workspace. */
function copy(text: string, workdir: string): void {
  const [, stage, from = ""] = /^(?:--from=(\w+) )?(\S+) \.$/.exec(text) ?? [];
  if (stage !== undefined) {
    cpSync(join(machine, stage, from), workdir, { recursive: true });
    return;
  }
  const files = execFileSync("git", ["ls-files", "-z", from], { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const file of files.filter(Boolean)) {
    mkdirSync(dirname(join(workdir, file)), { recursive: true });
    cpSync(join(ROOT, file), join(workdir, file));
  }
}

function run(command: string, cwd: string): void {
  execFileSync("sh", ["-c", command], { cwd, stdio: "pipe", env: { ...process.env, CI: "true" } });
}

// The build takes a minute or more, and reaches the package registry.
test.runIf(process.env["MILLRACE_TEST_LONG"] === "yes")(
  "the Dockerfile's instructions build a worker and a command that run",
  () => {
    const all = stages();
    for (const stage of ["prune", "build"]) follow(stage, all.get(stage) ?? []);
    const start = (program: "worker" | "cli", ...args: string[]) =>
      execFileSync(process.execPath, ["dist/main.js", ...args], {
        cwd: join(machine, "build/out", program),
        encoding: "utf8",
        env: { DATABASE_URL: database.url },
      });

    expect(start("cli", "migrate")).toContain("up to date");
    expect(start("worker", "--once", "--no-migrate")).toContain("the worker has run what was due");
  },
  600_000,
);
