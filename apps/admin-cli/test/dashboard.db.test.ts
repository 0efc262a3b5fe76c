import { execFile } from "node:child_process";
import { request } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { createQueue, type Queue } from "@millrace/queue";
import { waitFor } from "@millrace/testpg";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Outcome, runCommand } from "./run-command.ts";

const run = promisify(execFile);
const database = useTestDatabase();
let queue: Queue;

beforeAll(async () => {
  queue = createQueue(database.pool());
  // Does nothing when the pages are built already.
  await run(process.execPath, [join(import.meta.dirname, "../../../packages/dashboard/scripts/bundle.ts")]);
});

const TOKEN = "a-token-of-24-characters";

interface RunningDashboard {
  /** The address that the command has written. */
  readonly url: string;
  /** Ends the command, as Ctrl-C does. */
  quit(): Promise<Outcome>;
}

/** Starts the command on a free port, and waits until it has written its address. The test's end ends the command. */
async function start(
  options: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<RunningDashboard> {
  const quit = new AbortController();
  let written = "";
  const ended = runCommand(["dashboard", "--port", "0", ...options], {
    env: { MILLRACE_DATABASE_URL: database.url, ...env },
    osUser: "ada",
    terminal: { listenForQuit: () => ({ signal: quit.signal, close: () => undefined }) },
    onWrite: (text) => {
      written = text;
    },
  });
  const end = () => {
    quit.abort();
    return ended;
  };
  onTestFinished(async () => void (await end()));
  const failed = ended.then(({ stderr }) => {
    throw new Error(`The command ended: ${stderr}`);
  });
  failed.catch(() => undefined);
  const url = await Promise.race([
    waitFor(() => /http:\/\/[^\s"]+/.exec(written)?.[0], { description: "the address" }),
    failed,
  ]);
  return { url, quit: end };
}

describe("millrace dashboard", () => {
  test("serves the pages and the API until the person ends it", async () => {
    const { id } = await queue.enqueue("send");
    const { url, quit } = await start();

    const page = await fetch(url);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(await (await fetch(`${url}api/jobs/${id}`)).json()).toMatchObject({ id, state: "queued" });

    const { exitCode, stdout, stderr } = await quit();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(
      /^Dashboard: http:\/\/127\.0\.0\.1:\d+\/\ndatabase \S+ on \S+; q or Ctrl-C ends\n$/,
    );
    await expect(fetch(url)).rejects.toThrow();
  });

  test("writes its address as JSON for scripts", async () => {
    const { url, quit } = await start(["--json", "--base-path", "/ops"]);

    expect(url).toMatch(/\/ops\/$/);
    expect((await fetch(`${url}api/session`)).status).toBe(200);
    expect(JSON.parse((await quit()).stdout)).toEqual({ url, readOnly: false });
  });

  test("an action is audited with the name of who started the command", async () => {
    const { id } = await queue.enqueue("send", {}, { delayMs: 3_600_000 });
    const { url } = await start(["--as", "grace"]);

    const answer = await fetch(`${url}api/jobs/${id}/cancel`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });

    expect(answer.status).toBe(200);
    expect((await queue.audit({ limit: 1 }))[0]).toMatchObject({ who: "grace", action: "cancel" });
  });

  test("--read-only shows everything and changes nothing", async () => {
    const { id } = await queue.enqueue("send", {}, { delayMs: 3_600_000 });
    const { url } = await start(["--read-only"]);

    const refused = await fetch(`${url}api/jobs/${id}/cancel`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });

    expect(refused.status).toBe(403);
    expect((await queue.get(id)).state).toBe("queued");
    expect(await (await fetch(`${url}api/session`)).json()).toMatchObject({ actions: [] });
  });

  test("--redact keeps values on the server", async () => {
    const { id } = await queue.enqueue("pay", { card: { number: "4000" }, password: "hidden", n: 1 });
    const { url } = await start(["--redact", "card.number", "--redact", "**.password"]);

    const text = await (await fetch(`${url}api/jobs/${id}`)).text();

    expect(text).not.toContain("4000");
    expect(text).not.toContain("hidden");
    expect(text).toContain("[redacted]");
  });

  test("without a token, only requests that name this machine are answered", async () => {
    const { url } = await start();
    const statusFor = (host: string) =>
      new Promise((resolve, reject) => {
        const sent = request(`${url}api/session`, { headers: { host } }, (response) => {
          response.resume();
          resolve(response.statusCode);
        });
        sent.on("error", reject).end();
      });

    expect(await statusFor("evil.example")).toBe(421);
    expect(await statusFor("localhost:1")).toBe(200);
  });

  test.each([
    ["the option", ["--token", TOKEN], {}],
    ["the variable", [], { MILLRACE_DASHBOARD_TOKEN: TOKEN }],
  ])("with a token of %s, users log in", async (_how, options, env) => {
    const { url, quit } = await start(options, env);

    expect((await fetch(`${url}api/session`)).status).toBe(401);
    expect((await fetch(url)).status).toBe(200);
    const withToken = await fetch(`${url}api/session`, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect(withToken.status).toBe(200);
    expect((await quit()).stdout).not.toContain(TOKEN);
  });
});

describe("millrace dashboard refuses", () => {
  const failure = (argv: readonly string[], env: Record<string, string> = {}) =>
    runCommand(["dashboard", ...argv], { env: { MILLRACE_DATABASE_URL: database.url, ...env } });

  test.each([
    [
      "an address that others reach, without a token",
      ["--host", "0.0.0.0"],
      {},
      /^millrace: Other machines can reach/,
    ],
    ["a short token", ["--token", "short"], {}, /^millrace: The token needs at least 16 characters/],
    ["a short variable", [], { MILLRACE_DASHBOARD_TOKEN: "short" }, /^millrace: The token needs at least 16/],
    ["a port that is none", ["--port", "70000"], {}, /Expected an integer from 0 to 65535/],
    ["a base path that is none", ["--base-path", "ops/"], {}, /Expected `basePath` to be/],
  ])("%s, with exit code 2", async (_case, argv, env, message) => {
    const { exitCode, stdout, stderr } = await failure(argv, env);

    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain("short\n");
  });

  test("a port that is taken, with exit code 1", async () => {
    const { url } = await start();

    const { exitCode, stderr } = await failure(["--port", new URL(url).port]);

    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^millrace: The dashboard cannot listen: port \d+ of 127\.0\.0\.1 is taken; choose another/,
    );
  });
});
