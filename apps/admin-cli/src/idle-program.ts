import type { Command } from "commander";
import { createProgram } from "./program.ts";

/** Returns the tree of all commands, for who reads names and options. No command can run: there is nothing to ask. */
export function idleProgram(): Command {
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
  return root;
}
