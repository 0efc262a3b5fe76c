import { createInterface } from "node:readline/promises";
import type { QuitListener, Terminal } from "./terminal.ts";

/** The parts of a process that a terminal needs. */
export type TerminalProcess = Pick<NodeJS.Process, "stdin" | "stdout" | "stderr" | "on" | "off">;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** The key Ctrl-C, which a terminal in raw mode sends as a character. */
const CTRL_C = "\u0003";

/** Returns the terminal of a process. */
export function processTerminal(host: TerminalProcess): Terminal {
  const { stdin, stdout, stderr } = host;
  return {
    isOutput: stdout.isTTY === true,
    // Some programs give a terminal without a size.
    columns: () => (stdout.isTTY ? stdout.columns || undefined : undefined),
    rows: () => (stdout.isTTY ? stdout.rows || undefined : undefined),
    // The question goes to standard error, because standard output may be a file.
    ...(stdin.isTTY && stderr.isTTY ? { ask: (question) => ask(host, question) } : {}),
    listenForQuit: () => listenForQuit(host),
  };
}

async function ask({ stdin, stderr }: TerminalProcess, question: string): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      // Without this, the question would stay unanswered for ever after Ctrl-D.
      lines.once("close", () => resolve(""));
      lines.once("SIGINT", () => resolve(""));
      lines.question(question).then(resolve, reject);
    });
  } finally {
    lines.close();
  }
}

function listenForQuit(host: TerminalProcess): QuitListener {
  const quit = new AbortController();
  const end = () => quit.abort();
  const onKey = (key: Buffer | string) => {
    if (["q", "Q", CTRL_C].includes(String(key))) end();
  };
  for (const signal of SIGNALS) host.on(signal, end);
  const { stdin } = host;
  if (stdin.isTTY) {
    // A terminal in raw mode gives each key at once, and does not show the key.
    stdin.setRawMode(true);
    stdin.on("data", onKey);
    stdin.resume();
  }
  return {
    signal: quit.signal,
    close() {
      for (const signal of SIGNALS) host.off(signal, end);
      if (!stdin.isTTY) return;
      stdin.off("data", onKey);
      stdin.setRawMode(false);
      // Standard input would keep the process alive.
      stdin.pause();
    },
  };
}
