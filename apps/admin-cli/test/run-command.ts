import { run } from "../src/run.ts";

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
}

/** Runs one command line in this process. */
export async function runCommand(argv: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    write(text: string) {
      written[name] += text;
    },
  });
  const exitCode = await run(argv, {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    stdin: chunksOf(around.stdin ?? ""),
    env: around.env ?? {},
    now: () => (around.now === undefined ? new Date() : new Date(around.now)),
  });
  return { exitCode, ...written };
}

async function* chunksOf(input: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  const middle = Math.floor(input.length / 2);
  yield input.slice(0, middle);
  yield input.slice(middle);
}
