import type { Command } from "commander";
import { expect, test } from "vitest";
import { runCommand } from "../test/run-command.ts";
import { createProgram } from "./program.ts";

/** The paths of all commands of a program, in their order. */
function pathsOf(command: Command, path: readonly string[] = []): string[][] {
  return [[...path], ...command.commands.flatMap((each) => pathsOf(each, [...path, each.name()]))];
}

function allPaths(): string[][] {
  const nothing = { write: () => undefined, drained: async () => true };
  const { root } = createProgram(
    {
      ...{ stdout: nothing, stderr: nothing, env: {}, osUser: () => undefined },
      stdin: (async function* () {})(),
      now: () => new Date(0),
      clock: { now: () => 0, random: () => 0, after: () => () => undefined },
      terminal: {
        isOutput: false,
        columns: () => undefined,
        rows: () => undefined,
        listenForQuit: () => ({ signal: new AbortController().signal, close: () => undefined }),
      },
    },
    nothing,
  );
  return pathsOf(root);
}

test("the commands and their options are a contract: a change here is a change for scripts", async () => {
  const pages: string[] = [];
  for (const path of allPaths()) {
    const { exitCode, stdout } = await runCommand([...path, "--help"]);
    expect(exitCode).toBe(0);
    pages.push(`$ millrace ${[...path, "--help"].join(" ")}\n${stdout}`);
  }

  await expect(pages.join("\n")).toMatchFileSnapshot("../test/contract/help.txt");
});

test("help fits into 80 characters", async () => {
  for (const path of allPaths()) {
    const { stdout } = await runCommand([...path, "--help"]);
    const long = stdout.split("\n").filter((line) => [...line].length > 80 && !line.startsWith("Usage:"));
    expect({ path, long }).toEqual({ path, long: [] });
  }
});
