import { type Layer, readText, unknownKey } from "./layer.ts";
import { SETTING_NAMES, settingNotes, variableName } from "./settings.ts";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names a config file. */
export const CONFIG_VARIABLE = "MILLRACE_CONFIG";

/** The variables of the `millrace` command, which a machine may set for all of its programs. */
const COMMAND_VARIABLES = ["MILLRACE_ACTOR", "MILLRACE_DASHBOARD_TOKEN"];

/** The variables that the packages read themselves. */
const LIBRARY_VARIABLES = ["MILLRACE_ROW_ADDRESS"];

/**
 * Matches the variables that Kubernetes sets in every container for a Service named `millrace` or `millrace-…`. Such a
 * variable is no mistake of a user.
 */
const SERVICE_LINK =
  /_SERVICE_(?:HOST|PORT)(?:_\w+)?$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?$/;

/** The value of such a variable: for a Service `millrace-http`, MILLRACE_HTTP_PORT is `tcp://10.0.0.7:80`. */
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** Reads the MILLRACE_* variables and DATABASE_URL. An empty variable counts as not set. */
export function environmentLayer(env: Environment): Layer {
  const layer: Layer = { found: {}, problems: [] };
  if (env.DATABASE_URL) layer.found.databaseUrl = { value: env.DATABASE_URL, origin: "DATABASE_URL" };
  for (const name of SETTING_NAMES) {
    const origin = variableName(name);
    const text = env[origin];
    if (text && SERVICE_LINK.test(origin) && SERVICE_ADDRESS.test(text)) continue;
    if (text) layer.found[name] = { value: readText(settingNotes(name).kind, text), origin };
  }
  const known = [...SETTING_NAMES.map(variableName), CONFIG_VARIABLE];
  for (const key of Object.keys(env).sort()) {
    if (!key.startsWith("MILLRACE_") || known.includes(key)) continue;
    if ([...COMMAND_VARIABLES, ...LIBRARY_VARIABLES].includes(key) || SERVICE_LINK.test(key)) continue;
    layer.problems.push(unknownKey(key, known));
  }
  return layer;
}
