import { CommanderError } from "commander";
import type { CommandIo } from "./command-io.ts";
import { type CommandFailure, describeFailure } from "./describe-failure.ts";
import { EXIT_CODES, type ExitCode } from "./exit-codes.ts";
import { escapeLines } from "./output/escape-control.ts";
import { jsonDocument } from "./output/json.ts";
import { createProgram } from "./program.ts";
import { redact } from "./redact.ts";

/** Runs one command line. `argv` has no program name. Returns the exit code; never throws. */
export async function run(argv: readonly string[], io: CommandIo): Promise<ExitCode> {
  let help = "";
  const { root, host } = createProgram(io, {
    write: (text) => {
      help += text;
    },
  });
  try {
    await root.parseAsync([...argv], { from: "user" });
    return host.exitCode();
  } catch (error) {
    // Commander throws an error with exit code 0 after --help and --version.
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT_CODES.done;
    const failure = describeFailure(error);
    io.stderr.write(failureText(failure, { json: argv.includes("--json"), help }));
    return failure.exitCode;
  }
}

function failureText({ code, message }: CommandFailure, options: { json: boolean; help: string }): string {
  const shown = redact(message);
  if (options.json) return jsonDocument({ error: { code, message: shown } });
  return `${options.help}millrace: ${escapeLines(shown)}\n`;
}
