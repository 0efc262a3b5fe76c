import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type ConfigSources, loadConfig, loadSettings } from "./config.ts";
import { ConfigError } from "./config-error.ts";

const databaseUrl = "postgres://app:s3cret@db.example:5432/app";

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "millrace-config-"));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (sources: Partial<ConfigSources>) =>
  loadConfig({ env: { MILLRACE_DATABASE_URL: databaseUrl }, argv: [], cwd, ...sources });

function problemsOf(sources: Partial<ConfigSources>): readonly string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("configuration", () => {
  test("has the documented defaults", () => {
    expect(load({})).toEqual({
      databaseUrl,
      queues: ["default"],
      concurrency: 4,
      pollMs: 1_000,
      leaseSeconds: 30,
      maxCrashes: 5,
      maxAttempts: 10,
      taskDefaults: {},
      scheduleDefaults: {},
      httpHosts: [],
      pruneTables: [],
      refreshViews: [],
      listen: true,
      renewal: "thread",
      maxBlockedMs: 300_000,
      scheduleTickMs: 15_000,
      shutdownGraceMs: 30_000,
      schedules: true,
      prune: true,
      httpHost: "127.0.0.1",
      maxLoopDelayMs: 10_000,
      migrate: true,
      once: false,
      logLevel: "info",
      logRedact: [],
      tracing: "auto",
    });
  });

  test("a flag wins over the file, the file over the variable, MILLRACE_DATABASE_URL over DATABASE_URL", () => {
    writeFileSync(join(cwd, "millrace.config.json"), JSON.stringify({ pollMs: 200, leaseSeconds: 20 }));

    const config = load({
      env: {
        DATABASE_URL: "postgres://other/db",
        MILLRACE_DATABASE_URL: databaseUrl,
        MILLRACE_POLL_MS: "100",
        MILLRACE_LEASE_SECONDS: "10",
        MILLRACE_CONCURRENCY: "1",
      },
      argv: ["--poll-ms", "300"],
    });

    expect(config).toMatchObject({ databaseUrl, pollMs: 300, leaseSeconds: 20, concurrency: 1 });
  });

  test.each([
    [
      { MILLRACE_QUEUES: "mail, reports ,", MILLRACE_SCHEDULES: "off" },
      { queues: ["mail", "reports"], schedules: false },
    ],
    [
      { MILLRACE_MIGRATE: "0", MILLRACE_LOG_LEVEL: "debug" },
      { migrate: false, logLevel: "debug" },
    ],
    [
      { MILLRACE_CONCURRENCY: "1000", MILLRACE_POLL_MS: "60000" },
      { concurrency: 1_000, pollMs: 60_000 },
    ],
    [{ MILLRACE_CONCURRENCY: "" }, { concurrency: 4 }],
  ])("variables %j are read as %j", (env, expected) => {
    expect(load({ env: { DATABASE_URL: databaseUrl, ...env } })).toMatchObject(expected);
  });

  test.each([
    [["--no-schedules", "--no-migrate"], { schedules: false, migrate: false }],
    [["--schedules"], { schedules: true }],
    [["--once"], { once: true }],
    [
      ["--no-listen", "--renewal", "loop", "--max-blocked-ms=1000"],
      { listen: false, renewal: "loop", maxBlockedMs: 1_000 },
    ],
    [
      ["--max-attempts=4", "--timeout-ms", "5000", "--no-prune"],
      { maxAttempts: 4, timeoutMs: 5_000, prune: false },
    ],
    [["--queues=mail,default", "--max-crashes=0"], { queues: ["mail", "default"], maxCrashes: 0 }],
  ])("flags %j are read as %j", (argv, expected) => {
    expect(load({ argv })).toMatchObject(expected);
  });

  test.each([
    ["MILLRACE_CONCURRENCY", "0", "an integer from 1 to 1000, found 0"],
    ["MILLRACE_CONCURRENCY", "1001", "an integer from 1 to 1000, found 1001"],
    ["MILLRACE_CONCURRENCY", "many", 'an integer from 1 to 1000, found "many"'],
    ["MILLRACE_POLL_MS", "99", "an integer from 100 to 60000, found 99"],
    ["MILLRACE_POLL_MS", "1.5", "an integer from 100 to 60000, found 1.5"],
    ["MILLRACE_SCHEDULE_TICK_MS", "15001", "an integer from 100 to 15000, found 15001"],
    ["MILLRACE_LEASE_SECONDS", "4", "an integer from 5 to 3600, found 4"],
    ["MILLRACE_SHUTDOWN_GRACE_MS", "-1", "an integer from 0 to 3600000, found -1"],
    ["MILLRACE_SCHEDULES", "perhaps", 'on or off, found "perhaps"'],
    ["MILLRACE_RENEWAL", "both", 'thread or loop, found "both"'],
    ["MILLRACE_LOG_LEVEL", "loud", 'trace, debug, info, warn, error, fatal or silent, found "loud"'],
    ["MILLRACE_QUEUES", ",", "1 to 100 queue names of 1 to 100 characters, separated by commas, found []"],
  ])("%s=%s is refused with its range and what was found", (variable, value, expected) => {
    const env = { MILLRACE_DATABASE_URL: databaseUrl, [variable]: value };

    expect(problemsOf({ env })).toEqual([`${variable}: expected ${expected}`]);
  });

  test.each([
    ["no value", ["--concurrency"], "--concurrency: expected an integer from 1 to 1000"],
    ["an unknown flag", ["--concurency", "3"], "--concurency: unknown; did you mean --concurrency?"],
    ["a stray word", ["mail"], "mail: unknown; only flags are taken"],
    ["a negated number", ["--no-concurrency"], "--no-concurrency: unknown"],
    ["a file that is not there", ["--config", "absent.json"], "absent.json cannot be read"],
  ])("%s on the command line is refused", (_what, argv, expected) => {
    expect(problemsOf({ argv }).join("\n")).toContain(expected);
  });

  test.each(["MILLRACE_ACTOR", "MILLRACE_DASHBOARD_TOKEN"])("%s of the command is no problem", (variable) => {
    expect(problemsOf({ env: { MILLRACE_DATABASE_URL: databaseUrl, [variable]: "ada" } })).toEqual([]);
  });

  test("one message names every problem of every source", () => {
    writeFileSync(join(cwd, "millrace.config.json"), JSON.stringify({ leaseSeconds: "30", pollms: 1 }));

    const problems = problemsOf({
      env: { MILLRACE_CONCURRENCY: "0", MILLRACE_CONCURENCY: "5" },
      argv: ["--poll-ms", "7"],
    });

    expect(problems).toEqual([
      "MILLRACE_CONCURENCY: unknown; did you mean MILLRACE_CONCURRENCY?",
      "millrace.config.json: pollms: unknown; did you mean pollMs?",
      "MILLRACE_CONCURRENCY: expected an integer from 1 to 1000, found 0",
      "--poll-ms: expected an integer from 100 to 60000, found 7",
      'leaseSeconds (millrace.config.json): expected an integer from 5 to 3600, found "30"',
      expect.stringMatching(/^MILLRACE_DATABASE_URL: missing/),
    ]);
  });

  test("variables that Kubernetes makes for a service are nobody's typo", () => {
    const env = {
      MILLRACE_DATABASE_URL: databaseUrl,
      MILLRACE_SERVICE_HOST: "10.0.0.1",
      MILLRACE_ADMIN_SERVICE_PORT_HTTP: "80",
      MILLRACE_PORT: "tcp://10.0.0.1:80",
      MILLRACE_PORT_80_TCP_ADDR: "10.0.0.1",
      // Of a service named millrace-http.
      MILLRACE_HTTP_PORT: "tcp://10.0.0.1:80",
    };

    expect(problemsOf({ env })).toEqual([]);
    expect(loadConfig({ env, argv: [], cwd: "/" }).httpPort).toBeUndefined();
  });

  test.each([
    ["mysql://app:s3cret@db/app"],
    ["app:s3cret@db/app"],
    ["postgres//app:s3cret@db"],
    ["postgres://app:s3cret@db:port/app"],
  ])("a bad database URL is refused without its password", (bad) => {
    const problems = problemsOf({ env: { MILLRACE_DATABASE_URL: bad } });

    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain("MILLRACE_DATABASE_URL: expected a URL like");
    expect(problems[0]).not.toContain("s3cret");
  });

  test.each(["s3cret#1", "5432/s3cret", "5432?s3cret", "s3cret%"])(
    "a database URL with the bare password %s is refused with how to encode it",
    (password) => {
      const [problem] = problemsOf({ env: { DATABASE_URL: `postgres://app:${password}@db.example/app` } });

      expect(problem).toContain("DATABASE_URL: expected a URL like");
      expect(problem).toContain("percent-encode # / ? @ and % in a user name or password");
      expect(problem).not.toContain("s3cret");
    },
  );

  test("the value of a misspelt flag is not shown", () => {
    const problems = problemsOf({ argv: ["--databse-url", databaseUrl] });

    expect(problems).toEqual([
      "--databse-url: unknown; did you mean --database-url?",
      "an argument (not shown): unknown; only flags are taken",
    ]);
  });

  test("a config file that is not JSON is refused without quoting it", () => {
    writeFileSync(join(cwd, "bad.json"), `{ "databaseUrl": "${databaseUrl}", }`);

    const [problem, ...others] = problemsOf({ argv: ["--config", "bad.json"] });

    expect(problem).toContain("bad.json is not JSON");
    expect(problem).not.toContain("s3cret");
    expect(others).toEqual([]);
  });

  test.each([
    ['{\n  "pollMs": 200,\n}', "is not JSON (line 3, column 1)"],
    ['{\n  "pollMs": 200\n  "tasksDir": "s3cret"\n}', "is not JSON (line 3, column 3)"],
    ['{ "pollMs": 200', "is not JSON (line 1, column 16)"],
    ["", "is not JSON: it ends too early"],
    ["s3cret", "is not JSON"],
  ])("a config file %j is refused with where it stops being JSON, if the runtime tells", (text, problem) => {
    writeFileSync(join(cwd, "bad.json"), text);

    const [found] = problemsOf({ argv: ["--config", "bad.json"] });

    expect(found).toBe(`${join(cwd, "bad.json")} ${problem}`);
  });

  test("a relative tasksDir starts at the config file that names it, or else at the working folder", () => {
    writeFileSync(join(cwd, "a.json"), JSON.stringify({ tasksDir: "tasks" }));

    expect(load({ argv: ["--config", "a.json"], cwd }).tasksDir).toBe(join(cwd, "tasks"));
    expect(load({ argv: ["--tasks-dir", "mine"] }).tasksDir).toBe(join(cwd, "mine"));
    expect(
      load({ env: { DATABASE_URL: databaseUrl, MILLRACE_CONFIG: join(cwd, "a.json") }, cwd: "/" }).tasksDir,
    ).toBe(join(cwd, "tasks"));
  });

  test("a program that can do without a database is told so by the absent URL", () => {
    expect(loadSettings({ env: {}, argv: [], cwd }).databaseUrl).toBeUndefined();
  });
});
