import { redactedPaths } from "@millrace/base";
import { DEFAULT_MAX_ATTEMPTS } from "@millrace/queue";
import { z } from "zod";
import { parseHostRule } from "../allow/host-rule.ts";
import { parseRelationName } from "../allow/relation-name.ts";
import { isDatabaseUrl } from "./database-url.ts";

/** The longest time-out of a run, in ms: a week. */
const TIMEOUT_MS_MAX = 604_800_000;

/** How a setting is written as text, in a variable or after a flag. */
export type SettingKind = "text" | "integer" | "list" | "switch" | "json";

/** What messages and `--help` say about a setting. */
export interface SettingNotes {
  kind: SettingKind;
  /** The text after "expected" in a message. */
  expected: string;
  /** The setting's line in `--help`. */
  about: string;
}

const notes = z.registry<SettingNotes>();

/** The most attempts that a setting gives a job. */
const ATTEMPTS_MAX = 1_000_000;

/** What a setting says about the jobs of one task or one schedule. */
const jobDefaultsSchema = z.strictObject({
  maxAttempts: z.int().min(1).max(ATTEMPTS_MAX).optional(),
  timeoutMs: z.int().min(1).max(TIMEOUT_MS_MAX).optional(),
});

/** The attempts and the time-out of the jobs of one task or one schedule. An absent field says nothing. */
export type JobDefaults = z.output<typeof jobDefaultsSchema>;

/** Every setting with its range and default. Values have their JSON types. */
export const settingsSchema = z.strictObject({
  databaseUrl: z.string().refine(isDatabaseUrl).optional().register(notes, {
    kind: "text",
    expected: "a URL like postgres://user@host:5432/database, or with several hosts: host:5432,other:5432",
    about: "the PostgreSQL database; of several hosts, the primary; DATABASE_URL is read as well",
  }),
  queues: z.array(z.string().min(1).max(100)).min(1).max(100).default(["default"]).register(notes, {
    kind: "list",
    expected: "1 to 100 queue names of 1 to 100 characters, separated by commas",
    about: "queues to serve; jobs of an earlier one are taken first",
  }),
  concurrency: integer([1, 1_000], 4, "how many jobs run at a time"),
  pollMs: integer([100, 60_000], 1_000, "how often an idle worker looks for due jobs, in ms"),
  leaseSeconds: integer([5, 3_600], 30, "how long a claim holds without renewal, in s"),
  maxCrashes: integer([0, 1_000], 5, "a job that crashed more often than this fails"),
  maxAttempts: integer(
    [1, ATTEMPTS_MAX],
    DEFAULT_MAX_ATTEMPTS,
    "how many attempts jobs get that handlers and declared schedules enqueue, if their task says nothing",
  ),
  timeoutMs: z
    .int()
    .min(1)
    .max(TIMEOUT_MS_MAX)
    .optional()
    .register(notes, {
      kind: "integer",
      expected: `an integer from 1 to ${TIMEOUT_MS_MAX}`,
      about: "how long a run may take if its job, task and queue say nothing, in ms; without it, no limit",
    }),
  taskDefaults: jobDefaults("task", "mail.welcome"),
  scheduleDefaults: jobDefaults("schedule", "mail.digest"),
  httpHosts: allowed((text) => parseHostRule(text) !== null, {
    expected:
      "hosts such as api.example.com, *.example.com, 10.0.0.5, 10.0.0.0/8, host:8080, host=10.0.0.0/8 or *, " +
      "separated by commas",
    about: "the hosts that http.request may reach; without it, none",
  }),
  pruneTables: allowed((text) => isRelationName(text, 3), {
    expected: "tables as schema.table, or as schema.table.column, separated by commas",
    about: "the tables from which rows.prune may delete rows; without it, none",
  }),
  refreshViews: allowed((text) => isRelationName(text, 2), {
    expected: "materialized views as schema.view, separated by commas",
    about: "the materialized views that view.refresh may refresh; without it, none",
  }),
  listen: onOff("whether enqueues wake this worker; off behind a pooler in transaction mode, where it polls"),
  renewal: z.enum(["thread", "loop"]).default("thread").register(notes, {
    kind: "text",
    expected: "thread or loop",
    about: "what renews leases: a thread, also while a job blocks the event loop, or the loop itself",
  }),
  maxBlockedMs: integer(
    [1_000, 86_400_000],
    300_000,
    "how long a blocked event loop keeps its jobs when a thread renews them, in ms",
  ),
  scheduleTickMs: integer(
    [100, 15_000],
    15_000,
    "the longest wait between two looks at the schedules, in ms",
  ),
  shutdownGraceMs: integer([0, 3_600_000], 30_000, "how long running jobs may finish when stopping, in ms"),
  tasksDir: z.string().min(1).optional().register(notes, {
    kind: "text",
    expected: "the path of a folder",
    about: "a folder of modules that export tasks; without it, the built-in tasks only",
  }),
  schedules: onOff("whether this worker runs the scheduler"),
  prune: onOff("whether this worker deletes jobs some time after their end"),
  httpPort: z.int().min(0).max(65_535).optional().register(notes, {
    kind: "integer",
    expected: "an integer from 0 to 65535",
    about: "the port that serves /healthz, /readyz and /metrics; 0 takes a free port; without it, no server",
  }),
  httpHost: z.string().min(1).max(255).default("127.0.0.1").register(notes, {
    kind: "text",
    expected: "an address of this machine",
    about: "the address that the port is opened at; 0.0.0.0 for every network, as containers need",
  }),
  maxLoopDelayMs: integer(
    [100, 300_000],
    10_000,
    "how long a job may block the event loop before /healthz fails, in ms",
  ),
  migrate: onOff("whether the database is migrated at start"),
  once: onOff("whether the worker stops when no due job is left, instead of waiting for more", false),
  logLevel: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .register(notes, {
      kind: "text",
      expected: "trace, debug, info, warn, error, fatal or silent",
      about: "the least severe log lines to write",
    }),
  logRedact: z.array(z.string()).refine(arePaths).default([]).register(notes, {
    kind: "list",
    expected: "paths like card.number or **.password, at most 100, separated by commas",
    about: "values of payloads that the log leaves out",
  }),
  tracing: z.enum(["auto", "on", "off"]).default("auto").register(notes, {
    kind: "text",
    expected: "auto, on or off",
    about: "whether jobs are traced by OpenTelemetry; auto: where an SDK is preloaded",
  }),
});

/** All settings, after the check. */
export type Settings = z.output<typeof settingsSchema>;

/** The name of a setting, as a config file spells it. */
export type SettingName = keyof Settings;

/** The names of all settings, in the order of the documentation. */
export const SETTING_NAMES = settingsSchema.keyof().options;

/** Returns what messages and `--help` say about a setting. */
export function settingNotes(name: SettingName): SettingNotes {
  const found = notes.get(settingsSchema.shape[name]);
  if (found === undefined) throw new TypeError(`The setting ${name} has no notes.`);
  return found;
}

/** Returns the name of a setting's variable: `MILLRACE_POLL_MS` for `pollMs`. */
export function variableName(name: SettingName): string {
  return `MILLRACE_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** Returns the name of a setting's flag without dashes: `poll-ms` for `pollMs`. */
export function flagName(name: SettingName): string {
  return name.replace(/[A-Z]/g, "-$&").toLowerCase();
}

function arePaths(paths: readonly string[]): boolean {
  try {
    redactedPaths(paths);
    return true;
  } catch {
    return false;
  }
}

function integer([min, max]: readonly [number, number], byDefault: number, about: string) {
  return z
    .int()
    .min(min)
    .max(max)
    .default(byDefault)
    .register(notes, { kind: "integer", expected: `an integer from ${min} to ${max}`, about });
}

/** A list of what a built-in task may reach. Nothing is allowed by default. */
function allowed(isEntry: (text: string) => boolean, { expected, about }: Omit<SettingNotes, "kind">) {
  return z
    .array(z.string().max(300).refine(isEntry))
    .max(1_000)
    .default([])
    .register(notes, { kind: "list", expected, about });
}

function isRelationName(text: string, partsMax: number): boolean {
  const parts = parseRelationName(text);
  return parts !== null && parts.length <= partsMax;
}

function jobDefaults(what: "task" | "schedule", example: string) {
  return z
    .record(z.string().min(1).max(100), jobDefaultsSchema)
    .default({})
    .register(notes, {
      kind: "json",
      expected: `a JSON object such as {"${example}": {"maxAttempts": 3, "timeoutMs": 20000}}`,
      about:
        `the attempts (1 to ${ATTEMPTS_MAX}) and the time-out (1 to ${TIMEOUT_MS_MAX} ms) ` +
        `of the jobs of a ${what}, by its name`,
    });
}

function onOff(about: string, byDefault = true) {
  return z.boolean().default(byDefault).register(notes, { kind: "switch", expected: "on or off", about });
}
