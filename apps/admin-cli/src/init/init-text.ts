import type { NextStep } from "./next-steps.ts";
import type { FileOutcome } from "./write-files.ts";

/** What `millrace init` answers. */
export interface InitAnswer {
  readonly folder: string;
  readonly packageManager: string;
  readonly language: string;
  readonly database: string;
  readonly files: readonly FileOutcome[];
  /** The commands that add the dependencies that are missing. */
  readonly install: readonly string[];
  /** Whether these commands were run. */
  readonly installed: boolean;
  readonly next: readonly NextStep[];
}

const OUTCOMES: Readonly<Record<FileOutcome["outcome"], string>> = {
  written: "written",
  "would-write": "would be written",
  exists: "exists, and was left as it is",
};

const LANGUAGES: Readonly<Record<string, string>> = { typescript: "TypeScript", javascript: "JavaScript" };

const DATABASES: Readonly<Record<string, string>> = { drizzle: "Drizzle", pg: "pg" };

/** The answer as text for people. */
export function initText(answer: InitAnswer): string {
  const { folder, packageManager, language, database, files, install, installed, next } = answer;
  const installation =
    installed || install.length === 0
      ? []
      : [{ text: "Add the dependencies, in the project's folder", commands: install }];
  return [
    `Project: ${folder} (${LANGUAGES[language]}, ${DATABASES[database]}, ${packageManager})`,
    "",
    ...files.map(({ path, outcome }) => `  ${path}: ${OUTCOMES[outcome]}`),
    "",
    "What to do next:",
    ...[...installation, ...next].flatMap(({ text, commands }, at) => [
      "",
      `${at + 1}. ${text}:`,
      ...commands.map((command) => `     ${command}`),
    ]),
  ].join("\n");
}
