import { flagName, SETTING_NAMES, settingNotes, settingsSchema, variableName } from "./settings.ts";

/** Returns the text that `--help` prints. */
export function usage(): string {
  const defaults: Readonly<Record<string, unknown>> = settingsSchema.parse({});
  const flags = SETTING_NAMES.map((name) => {
    const { kind, expected, about } = settingNotes(name);
    const flag = kind === "switch" ? `--[no-]${flagName(name)}` : `--${flagName(name)} <${kind}>`;
    const byDefault = defaults[name] === undefined ? "" : `, default ${shownDefault(defaults[name])}`;
    return `  ${flag}\n      ${about}\n      ${expected}${byDefault}; ${variableName(name)}`;
  });
  return [
    "Usage: millrace-worker [flags]",
    "",
    "Runs jobs and schedules until SIGTERM or SIGINT, then lets running jobs finish. A second signal exits at once.",
    "Variables, then the config file, then flags: the later one wins.",
    "",
    "  --config <file>\n      a JSON file of settings; MILLRACE_CONFIG, or millrace.config.json when it is there",
    ...flags,
    "  --help, --version",
    "",
  ].join("\n");
}

function shownDefault(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) return value.join(",");
  if (typeof value === "boolean") return value ? "on" : "off";
  if (typeof value === "object") return "none";
  return String(value);
}
