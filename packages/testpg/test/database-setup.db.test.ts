import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { startTestServer } from "../src/index.ts";
import { withConnection } from "../src/with-connection.ts";
import { embeddedEnv, nothingLeft, packageFile, runProgram, testFolder } from "./run-program.ts";

const vitest = join(dirname(createRequire(import.meta.url).resolve("vitest/package.json")), "vitest.mjs");
const config = packageFile("test/fixture/vitest.config.ts");

it("each test file starts from the template, and the run leaves no server", async () => {
  const folder = await testFolder();

  const run = runProgram([vitest, "run", "--config", config, "first", "second"], embeddedEnv(folder));

  expect(await run.ended, run.output()).toEqual({ status: 0, signal: null });
  await nothingLeft({ folder });
});

it("a file that keeps a client checked out fails, and its database goes all the same", async () => {
  const folder = await testFolder();
  const server = await startTestServer();
  const env = { ...embeddedEnv(folder), TEST_DATABASE_URL: server.url };
  const before = await databases(server.url);

  const run = runProgram([vitest, "run", "--config", config, "leaking"], env);
  const { status } = await run.ended;
  const after = await databases(server.url);
  await server.stop();

  expect(status).toBe(1);
  expect(run.output()).toContain("1 database clients were never released");
  if (server.kind !== "external") expect(after).toEqual(before);
});

it("a file without a global setup is told which one it needs", async () => {
  const bare = packageFile("test/fixture/vitest.bare.config.ts");

  const run = runProgram([vitest, "run", "--config", bare, "first"], embeddedEnv(await testFolder()));
  const { status } = await run.ended;

  expect(status).toBe(1);
  expect(run.output()).toContain("no global setup made a template: add one with `databaseSetup`");
});

function databases(url: string): Promise<string[]> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query("select datname from pg_database order by 1");
    return rows.map(({ datname }) => datname);
  });
}
