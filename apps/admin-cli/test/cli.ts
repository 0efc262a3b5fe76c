import type { FileDatabase } from "@millrace/testpg/vitest";
import { expect } from "vitest";
import { runCommand, type Surroundings } from "./run-command.ts";

/** The command on a test file's database. */
export interface Cli {
  /** Runs a command line that must succeed, and gives its text. */
  text(argv: readonly string[], around?: Surroundings): Promise<string>;
  /** Runs a command line with --json that must succeed, and gives its document. */
  json(argv: readonly string[], around?: Surroundings): Promise<unknown>;
  /** Runs a command line with --json that must fail, and gives its exit code and error. */
  failure(argv: readonly string[], around?: Surroundings): Promise<{ exitCode: number; error: unknown }>;
}

/** The command on a test file's database, which it finds in the environment. */
export function cliOn(database: FileDatabase): Cli {
  const runHere = (argv: readonly string[], around: Surroundings = {}) =>
    runCommand(argv, { ...around, env: { MILLRACE_DATABASE_URL: database.url, ...around.env } });
  return {
    async text(argv, around) {
      const { stdout, ...ending } = await runHere(argv, around);
      expect(ending).toEqual({ exitCode: 0, stderr: "" });
      return stdout;
    },
    async json(argv, around) {
      const { stdout, ...ending } = await runHere([...argv, "--json"], around);
      expect(ending).toEqual({ exitCode: 0, stderr: "" });
      return JSON.parse(stdout);
    },
    async failure(argv, around) {
      const { exitCode, stdout, stderr } = await runHere([...argv, "--json"], around);
      expect(stdout).toBe("");
      const document: unknown = JSON.parse(stderr);
      expect(document).toEqual({ error: { code: expect.any(String), message: expect.any(String) } });
      return { exitCode, error: (document as { error: unknown }).error };
    },
  };
}
