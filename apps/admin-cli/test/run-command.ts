import { type Clock, systemClock } from "@millrace/base";
import { run } from "../src/run.ts";
import type { QuitListener, Terminal } from "../src/terminal/terminal.ts";

/** What a command line left behind. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What surrounds a command line; nothing by default. */
export interface Surroundings {
  readonly env?: Record<string, string>;
  readonly stdin?: string | Uint8Array;
  /** What the machine's clock says. */
  readonly now?: string;
  readonly terminal?: Partial<Terminal>;
  readonly clock?: Clock;
  readonly osUser?: string;
  /** Whether somebody still reads what the command wrote. */
  readonly isRead?: (stdout: string) => boolean;
  /** Called with all of standard output so far, after each write. */
  readonly onWrite?: (stdout: string) => void;
}

/** Runs one command line in this process. */
export async function runCommand(argv: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    write(text: string) {
      written[name] += text;
      around.onWrite?.(written.stdout);
    },
  });
  const exitCode = await run(argv, {
    stdout: { ...sink("stdout"), drained: async () => around.isRead?.(written.stdout) ?? true },
    stderr: sink("stderr"),
    stdin: chunksOf(around.stdin ?? ""),
    env: around.env ?? {},
    now: () => (around.now === undefined ? new Date() : new Date(around.now)),
    clock: around.clock ?? systemClock,
    terminal: { ...NO_TERMINAL, ...around.terminal },
    osUser: () => around.osUser,
  });
  return { exitCode, ...written };
}

const NO_TERMINAL: Terminal = {
  isOutput: false,
  columns: () => undefined,
  rows: () => undefined,
  listenForQuit: neverQuits,
};

function neverQuits(): QuitListener {
  return { signal: new AbortController().signal, close: () => undefined };
}

async function* chunksOf(input: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  const middle = Math.floor(input.length / 2);
  yield input.slice(0, middle);
  yield input.slice(middle);
}
