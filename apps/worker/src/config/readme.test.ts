import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { flagName, SETTING_NAMES, settingNotes, settingsSchema, variableName } from "./settings.ts";
import { usage } from "./usage.ts";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
/** The table without the spaces that the formatter adds to columns. */
const table = readme.replaceAll(/ +/g, " ");
const defaults: Readonly<Record<string, unknown>> = settingsSchema.parse({});

describe("every setting", () => {
  test.each(SETTING_NAMES)(
    "%s has a row in the README with its variable, flag, range and default",
    (name) => {
      const row = table.split("\n").find((line) => line.startsWith(`| \`${name}\` |`)) ?? "";

      expect(row).toContain(`\`${variableName(name)}\``);
      expect(row).toContain(`\`--${flagName(name)}\``);
      for (const number of settingNotes(name).expected.match(/\d+/g) ?? []) {
        if (settingNotes(name).kind === "integer") expect(row).toContain(number);
      }
      if (typeof defaults[name] === "number") expect(row).toMatch(new RegExp(`\\| ${defaults[name]} \\|$`));
    },
  );

  test.each(SETTING_NAMES)("%s is told by --help", (name) => {
    expect(usage()).toContain(variableName(name));
    expect(usage()).toContain(settingNotes(name).expected);
  });
});

test("every variable the README names is one that is read", () => {
  const demo = ["MILLRACE_DEMO_DATA_DIR", "MILLRACE_DEMO_DASHBOARD"];
  const known = [...SETTING_NAMES.map(variableName), "MILLRACE_CONFIG", ...demo];

  for (const variable of readme.match(/MILLRACE_[A-Z_]*[A-Z]/g) ?? []) expect(known).toContain(variable);
});
