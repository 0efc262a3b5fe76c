import { resolve } from "node:path";
import type { z } from "zod";
import { ConfigError, type ConfigProblem } from "./config-error.ts";
import { databaseAddress } from "./database-address.ts";
import { urlHint } from "./database-url.ts";
import { CONFIG_VARIABLE, type Environment, environmentLayer } from "./environment-layer.ts";
import { fileLayer } from "./file-layer.ts";
import { flagLayer } from "./flag-layer.ts";
import { type Found, type Layer, unknownKey } from "./layer.ts";
import {
  type JobDefaults,
  SETTING_NAMES,
  type SettingName,
  type Settings,
  settingNotes,
  settingsSchema,
} from "./settings.ts";

/** A worker's whole configuration. */
export type Config = Settings & { databaseUrl: string };

/** The sources of the configuration. The config file overrides variables, and flags override the config file. */
export interface ConfigSources {
  env: Environment;
  /** The command line without the program. */
  argv: readonly string[];
  /** The folder that relative paths start from. */
  cwd: string;
}

/** Reads and checks the whole configuration. Throws one `ConfigError` that names every problem. */
export function loadConfig(sources: ConfigSources): Config {
  const { settings, problems, databaseNamed } = readSettings(sources);
  if (!databaseNamed) problems.push(NO_DATABASE);
  const databaseUrl = settings?.databaseUrl;
  if (settings === undefined || databaseUrl === undefined || problems.length > 0)
    throw new ConfigError(problems);
  return { ...settings, databaseUrl };
}

/** Reads the configuration as `loadConfig` does, but accepts a missing database URL. Throws `ConfigError`. */
export function loadSettings(sources: ConfigSources): Settings {
  const { settings, problems } = readSettings(sources);
  if (settings === undefined || problems.length > 0) throw new ConfigError(problems);
  return settings;
}

const NO_DATABASE =
  "MILLRACE_DATABASE_URL: missing; set it, or DATABASE_URL, databaseUrl in a config file, or --database-url";

interface Read {
  /** Absent when a value is wrong. */
  settings?: Settings;
  problems: ConfigProblem[];
  /** Whether a database URL was given, right or wrong. */
  databaseNamed: boolean;
}

function readSettings({ env, argv, cwd }: ConfigSources): Read {
  const flags = flagLayer(argv);
  const layers: Layer[] = [
    environmentLayer(env),
    fileLayer(flags.configFile ?? (env[CONFIG_VARIABLE] || undefined), cwd),
    flags,
  ];
  const found: Partial<Record<SettingName, Found>> = Object.assign({}, ...layers.map((layer) => layer.found));
  const problems = layers.flatMap((layer) => layer.problems);
  const values = Object.fromEntries(Object.entries(found).map(([name, { value }]) => [name, value]));
  const checked = settingsSchema.safeParse(values);
  const databaseNamed = found.databaseUrl !== undefined;
  if (checked.success) return { settings: inFolder(checked.data, cwd), problems, databaseNamed };
  for (const name of SETTING_NAMES) {
    const origin = found[name];
    const issue = checked.error.issues.find(({ path }) => path[0] === name);
    if (issue !== undefined && origin !== undefined) problems.push(describe(name, origin, issue));
  }
  return { problems, databaseNamed };
}

function inFolder(settings: Settings, cwd: string): Settings {
  return settings.tasksDir === undefined
    ? settings
    : { ...settings, tasksDir: resolve(cwd, settings.tasksDir) };
}

/** Hides the address when a character should be percent-encoded: a part of the password may look like the address. */
function describeUrl(text: string, origin: string): ConfigProblem {
  const hint = urlHint(text);
  const { expected } = settingNotes("databaseUrl");
  const shown = hint === undefined ? databaseAddress(text) : `one that cannot be read (not shown); ${hint}`;
  return `${origin}: expected ${expected}, found ${shown}`;
}

function describe(name: SettingName, { value, origin }: Found, issue: z.core.$ZodIssue): ConfigProblem {
  if (name === "databaseUrl") return describeUrl(String(value), origin);
  const inside = issue.path.slice(1);
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    return `${origin}: ${inside.join(".")}: ${unknownKey(key, JOB_DEFAULTS)}`;
  }
  const wrong = inside.reduce<unknown>(
    (outer, key) => (typeof outer === "object" && outer !== null ? Reflect.get(outer, key) : outer),
    value,
  );
  const text = JSON.stringify(wrong);
  const shown = text.length > 100 ? `${text.slice(0, 97)}…` : text;
  const at = inside.length < 2 ? "" : ` at ${inside.join(".")}`;
  return `${origin}: expected ${settingNotes(name).expected}, found ${shown}${at}`;
}

/** The fields of an entry of `taskDefaults` and `scheduleDefaults`. */
const JOB_DEFAULTS = ["maxAttempts", "timeoutMs"] satisfies (keyof JobDefaults)[];
