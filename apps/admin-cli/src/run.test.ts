import { describe, expect, test } from "vitest";
import { runCommand } from "../test/run-command.ts";

describe("bad usage has exit code 2, says what is wrong, and writes nothing to standard output", () => {
  test.each([
    [["destroy"], "unknown command 'destroy'"],
    [["jobs", "lst"], "unknown command 'lst' (Did you mean list?)"],
    [["jobs", "list", "--stat", "queued"], "unknown option '--stat' (Did you mean --state?)"],
    [["jobs", "list", "extra"], "too many arguments"],
    [["jobs", "list", "--limit"], "option '--limit <n>' argument missing"],
    [["jobs", "list", "--limit", "0"], "Expected an integer from 1 to 2147483647."],
    [["jobs", "list", "--limit", "ten"], "Expected an integer from 1 to"],
    [["jobs", "list", "--limit", "1001"], "Expected an integer from 1 to 1000; --json-lines lists more."],
    [["jobs", "list", "--watch", "0"], "Expected seconds, from 0.1 to 86400."],
    [["jobs", "list", "--json-lines", "--watch", "1"], "exclude each other"],
    [["jobs", "list", "--payload-contains", "{"], "is not JSON"],
    [["jobs", "list", "--created-after", "2h"], "Expected an instant"],
    [["jobs", "list", "--order", "newest-due"], "Allowed choices are newest, oldest-due."],
    [
      ["jobs", "list", "--state", "done"],
      "Allowed choices are queued, running, completed, failed, canceled.",
    ],
    [["jobs", "list", "--before", "7"], "Expected a job id: a UUID"],
    [["jobs", "list", "--queue", ""], "Expected 1 to 100 characters, got 0."],
    [["jobs", "get"], "missing required argument 'id'"],
    [["jobs", "get", "7"], "Expected a job id: a UUID"],
    [["jobs", "retry", "7"], "Expected a job id: a UUID"],
    [["jobs", "cancel", "7"], "Expected a job id: a UUID"],
    [["jobs", "run-now", "7"], "Expected a job id: a UUID"],
    [["jobs", "change", "0199f7a2"], "Nothing to change"],
    [["jobs", "change", "0199f7a2", "--metadata", "[]"], "to be a JSON object"],
    [["jobs", "change", "0199f7a2", "--delay", "5s", "--run-at", "02:00"], "cannot be used with"],
    [["jobs", "find"], "missing required argument 'key'"],
    [["jobs", "explain"], "missing required argument 'id'"],
    [["jobs", "wait", "0199f7a2", "--timeout", "soon"], "Expected a delay such as"],
    [["jobs", "failures", "--limit", "0"], "Expected an integer from 1 to 1000."],
    [["jobs", "enqueue", "send", "--key-scope", "for ever"], "Expected queued, active, or a time"],
    [["jobs", "enqueue", "send", "--dead-letter-queue", "x"], "goes with --dead-letter"],
    [["jobs", "enqueue", "send", "--start-by", "02:00", "--start-within", "1h"], "cannot be used with"],
    [["queues", "set", "mail"], "Nothing to set"],
    [["queues", "set", "mail", "--timeout", "soon"], "Expected a delay such as"],
    [["audit", "list", "--command", "7"], "Expected a job id, a UUID"],
    [["completion", "tcsh"], "Allowed choices are bash, zsh, fish."],
    [["top", "--twice"], "unknown option '--twice'"],
    [["jobs", "list", "--as", ""], "Expected 1 to 200 characters, got 0."],
    [["jobs", "enqueue"], "missing required argument 'type'"],
    [["jobs", "enqueue", "t".repeat(101)], "Expected 1 to 100 characters, got 101."],
    [["migrate", "down"], "too many arguments"],
    [["schedules", "creat"], "unknown command 'creat' (Did you mean create?)"],
    [["schedules", "list", "--limit", "1001"], "Expected an integer from 1 to 1000."],
    [["schedules", "get"], "missing required argument 'name'"],
    [["schedules", "create", "x", "--cron", "@daily"], "required option '--type <type>' not specified"],
    [["schedules", "create", "x", "--type", "t"], "required option '--cron <expression>'"],
    [["schedules", "update", "x"], "Nothing to change"],
    [["schedules", "update", "x", "--misfire", "most"], "Allowed choices are latest, skip, all."],
    [["schedules", "update", "x", "--overlap", "most"], "Allowed choices are allow, skip."],
    [["schedules", "update", "x", "--max-attempts", "0"], "Expected an integer from 1 to"],
    [["schedules", "update", "x", "--payload", "{"], "--payload is not JSON"],
    [["schedules", "update", "x", "--jitter", "2d"], "at most 1d"],
    [["schedules", "update", "x", "--ends-at", "2030-01-01"], "Expected an instant"],
    [
      ["schedules", "create", "x", "--type", "t", "--cron", "@daily", "--every", "90s"],
      "cannot be used with",
    ],
    [["schedules", "preview", "--cron", "@daily", "--anchor", "02:00"], "--anchor goes with --every"],
    [["schedules", "ticks", "x", "--limit", "101"], "Expected an integer from 1 to 100."],
    [["schedules", "preview"], "Give either the name of a schedule or --cron"],
    [["schedules", "preview", "x", "--cron", "@daily"], "Give either the name of a schedule or --cron"],
    [["schedules", "preview", "x", "--timezone", "UTC"], "--timezone goes with --cron"],
    [["schedules", "preview", "--cron", "@daily", "-n", "0"], "Expected an integer from 1 to 1000."],
  ])("%j", async (argv, message) => {
    const text = await runCommand(argv);
    const json = await runCommand([...argv, "--json"]);

    expect(text).toEqual({ exitCode: 2, stdout: "", stderr: expect.stringMatching(/^millrace: .+\n$/) });
    expect(text.stderr).toContain(message);
    expect(json).toMatchObject({ exitCode: 2, stdout: "" });
    expect(JSON.parse(json.stderr)).toEqual({
      error: { code: "USAGE", message: expect.stringContaining(message) },
    });
  });

  test.each([[[]], [["jobs"]]])("a missing command after %j shows what there is", async (argv) => {
    const text = await runCommand(argv);
    const json = await runCommand([...argv, "--json"]);

    expect(text).toMatchObject({ exitCode: 2, stdout: "" });
    expect(text.stderr).toMatch(/^Usage: millrace.*\nmillrace: A command is missing; [^\n]+\n$/s);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: "USAGE" } });
  });
});

describe("what was typed is told back safely", () => {
  test("a password in the wrong place is not shown", async () => {
    const { stderr } = await runCommand(["jobs", "get", "postgres://u:secret@h/db"]);

    expect(stderr).toContain("postgres://***@h/db");
    expect(stderr).not.toContain("secret");
  });

  test("control characters do not reach the terminal", async () => {
    const { stderr } = await runCommand(["jobs", "get", "\u001b[2J"]);

    expect(stderr).toContain("\\u001b[2J");
    expect(stderr).not.toContain("\u001b");
  });
});

describe("a bad expression or zone is refused with its reason before a database is looked for", () => {
  test.each([
    ["INVALID_CRON", ["schedules", "preview", "--cron", "61 * * * *"], "minute"],
    ["INVALID_CRON", ["schedules", "create", "x", "--type", "t", "--cron", "* * *"], "expected 5 fields"],
    ["INVALID_CRON", ["schedules", "update", "x", "--cron", "@nightly"], "@daily"],
    [
      "UNKNOWN_TIME_ZONE",
      ["schedules", "preview", "--cron", "@daily", "--timezone", "Mars/Base"],
      "Mars/Base",
    ],
    ["UNKNOWN_TIME_ZONE", ["schedules", "update", "x", "--timezone", ""], "IANA"],
  ])("%s: %j", async (code, argv, message) => {
    const { exitCode, stderr } = await runCommand([...argv, "--json"]);

    expect(exitCode).toBe(2);
    expect(JSON.parse(stderr)).toEqual({ error: { code, message: expect.stringContaining(message) } });
  });
});

describe("schedules preview --cron needs no database", () => {
  const now = "2026-03-27T12:00:00Z";

  test("people see each run in UTC and by the clock on the wall, over a change to summer time", async () => {
    const argv = ["schedules", "preview", "--cron", "30 2 * * *", "--timezone", "Europe/Berlin", "-n", "3"];

    expect(await runCommand(argv, { now, terminal: { columns: () => 100 } })).toEqual({
      exitCode: 0,
      stderr: "",
      stdout: [
        "30 2 * * * in Europe/Berlin",
        "At 02:30",
        "UTC                   LOCAL                          CLOCK CHANGED BEFORE",
        "2026-03-28T01:30:00Z  Sat 2026-03-28 02:30:00 GMT+1  -",
        "2026-03-29T01:00:00Z  Sun 2026-03-29 03:00:00 GMT+2  +01:00 to +02:00 at 2026-03-29T01:00:00Z",
        "2026-03-30T00:30:00Z  Mon 2026-03-30 02:30:00 GMT+2  -",
        "",
      ].join("\n"),
    });
  });

  test("JSON holds the words, and of each run its offset and the change of the clock before it", async () => {
    const argv = ["schedules", "preview", "--cron", "30 2 * * *", "--timezone", "Europe/Berlin", "-n", "2"];

    const { stdout } = await runCommand([...argv, "--json"], { now });

    expect(JSON.parse(stdout)).toMatchObject({
      words: "At 02:30",
      runs: [
        { tickAt: "2026-03-28T01:30:00.000Z", offset: "+01:00", clockChange: null },
        {
          tickAt: "2026-03-29T01:00:00.000Z",
          offset: "+02:00",
          clockChange: { at: "2026-03-29T01:00:00.000Z", offsetBefore: "+01:00", offsetAfter: "+02:00" },
        },
      ],
    });
  });

  test("JSON holds the expression, the zone and five instants unless told otherwise", async () => {
    const { stdout } = await runCommand(["schedules", "preview", "--cron", "@daily", "--json"], { now });

    expect(JSON.parse(stdout)).toEqual({
      name: null,
      cron: "@daily",
      timezone: "UTC",
      enabled: null,
      everyMs: null,
      anchor: null,
      startsAt: null,
      endsAt: null,
      maxRuns: null,
      words: "At 00:00",
      warnings: [],
      runs: expect.any(Array),
      ticks: [28, 29, 30, 31].map((day) => `2026-03-${day}T00:00:00.000Z`).concat("2026-04-01T00:00:00.000Z"),
    });
  });
});

test("an interval is previewed from its anchor", async () => {
  const argv = [
    "schedules",
    "preview",
    "--every",
    "90s",
    "--anchor",
    "2026-01-01T00:00:00Z",
    "-n",
    "2",
    "--json",
  ];

  const { stdout } = await runCommand(argv, { now: "2026-01-01T00:01:00Z" });

  expect(JSON.parse(stdout)).toMatchObject({
    cron: null,
    everyMs: 90_000,
    ticks: ["2026-01-01T00:01:30.000Z", "2026-01-01T00:03:00.000Z"],
  });
});

test("a step that does not go on evenly comes with a warning", async () => {
  const { stdout } = await runCommand(["schedules", "preview", "--cron", "0 */7 * * *", "-n", "1"]);

  expect(stdout).toMatch(/^Warning: hour: "\*\/7" is not every 7 hours/m);
});

describe("help", () => {
  test.each([
    [["--help"], "Usage: millrace [options] [command]"],
    [["help"], "Usage: millrace [options] [command]"],
    [["jobs", "--help"], "Usage: millrace jobs [options] [command]"],
    [["jobs", "list", "--help"], "--database-url <url>"],
  ])("%j goes to standard output with exit code 0, and needs no database", async (argv, expected) => {
    const outcome = await runCommand(argv);

    expect(outcome).toEqual({ exitCode: 0, stdout: expect.stringContaining(expected), stderr: "" });
  });

  test("the version is the package's", async () => {
    expect(await runCommand(["--version"])).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      stderr: "",
    });
  });
});
