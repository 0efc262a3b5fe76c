import type { Command } from "commander";
import { expect, test } from "vitest";
import { runCommand } from "../test/run-command.ts";
import { idleProgram } from "./idle-program.ts";

/** The paths of all commands of a program, in their order. */
function pathsOf(command: Command, path: readonly string[] = []): string[][] {
  return [[...path], ...command.commands.flatMap((each) => pathsOf(each, [...path, each.name()]))];
}

test("the commands and their options are a contract: a change here is a change for scripts", async () => {
  const pages: string[] = [];
  for (const path of pathsOf(idleProgram())) {
    const { exitCode, stdout } = await runCommand([...path, "--help"]);
    expect(exitCode).toBe(0);
    pages.push(`$ millrace ${[...path, "--help"].join(" ")}\n${stdout}`);
  }

  await expect(pages.join("\n")).toMatchFileSnapshot("../test/contract/help.txt");
});

test("help fits into 80 characters", async () => {
  for (const path of pathsOf(idleProgram())) {
    const { stdout } = await runCommand([...path, "--help"]);
    const long = stdout.split("\n").filter((line) => [...line].length > 80 && !line.startsWith("Usage:"));
    expect({ path, long }).toEqual({ path, long: [] });
  }
});
