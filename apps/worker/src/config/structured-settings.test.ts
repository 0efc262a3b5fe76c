import { expect, test } from "vitest";
import { type ConfigSources, loadSettings } from "./config.ts";
import { ConfigError } from "./config-error.ts";

const load = (sources: Partial<ConfigSources>) => loadSettings({ env: {}, argv: [], cwd: "/", ...sources });

function problemOf(sources: Partial<ConfigSources>): string {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.join("\n");
    throw error;
  }
  return "none";
}

test("what the built-in tasks may reach is a list, in a variable and after a flag", () => {
  const env = { MILLRACE_HTTP_HOSTS: "api.example.com, *.example.org:8443,10.0.0.0/8 , b=10.0.0.5" };
  const argv = ["--prune-tables", "public.visits,logs.lines.at", "--refresh-views=sales"];

  expect(load({ env, argv })).toMatchObject({
    httpHosts: ["api.example.com", "*.example.org:8443", "10.0.0.0/8", "b=10.0.0.5"],
    pruneTables: ["public.visits", "logs.lines.at"],
    refreshViews: ["sales"],
  });
});

test.each([
  ["MILLRACE_HTTP_HOSTS", "api.example.com,https://api.example.com", 'found "https://api.example.com"'],
  ["MILLRACE_HTTP_HOSTS", "0x7f.1", 'found "0x7f.1"'],
  ["MILLRACE_PRUNE_TABLES", "public.visits,a.b.c.d", 'found "a.b.c.d"'],
  ["MILLRACE_REFRESH_VIEWS", "a.b.c", 'found "a.b.c"'],
])("%s=%s is refused, and the bad entry is shown", (variable, text, expected) => {
  const problem = problemOf({ env: { [variable]: text } });

  expect(problem).toMatch(new RegExp(`^${variable}: expected [^\\n]+separated by commas, found [^\\n]+$`));
  expect(problem).toContain(expected);
});

test("defaults of tasks and schedules are JSON, in a variable and after a flag", () => {
  const env = { MILLRACE_TASK_DEFAULTS: '{"mail.welcome":{"maxAttempts":3,"timeoutMs":20000},"a":{}}' };
  const argv = ["--schedule-defaults", '{"mail.digest":{"timeoutMs":5000}}'];

  expect(load({ env, argv })).toMatchObject({
    taskDefaults: { "mail.welcome": { maxAttempts: 3, timeoutMs: 20_000 }, a: {} },
    scheduleDefaults: { "mail.digest": { timeoutMs: 5_000 } },
  });
});

test.each([
  ["mail", 'found "mail"'],
  ["[1]", "found [1]"],
  ['{"mail":3}', "found 3"],
  ['{"mail":{"maxAttempts":0}}', "found 0 at mail.maxAttempts"],
  ['{"mail":{"timeoutMs":604800001}}', "found 604800001 at mail.timeoutMs"],
  ['{"mail":{"timeout":5}}', "MILLRACE_TASK_DEFAULTS: mail: timeout: unknown; did you mean timeoutMs?"],
])("MILLRACE_TASK_DEFAULTS=%s is refused, and the bad value is shown", (text, expected) => {
  expect(problemOf({ env: { MILLRACE_TASK_DEFAULTS: text } })).toContain(expected);
});
