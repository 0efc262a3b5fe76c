import type { ConfigSources } from "./config/config.ts";
import { ConfigError } from "./config/config-error.ts";
import { flagLayer } from "./config/flag-layer.ts";
import { usage } from "./config/usage.ts";
import type { ExitCode } from "./run-worker.ts";
import { version } from "./version.ts";

/**
 * Prints the text for `--help` or `--version`, or else calls `run`. Returns the exit code. Prints a `ConfigError`, and
 * throws every other error of `run`.
 */
export async function runCommandLine(
  { argv, env, cwd, stdout, stderr }: Pick<NodeJS.Process, "argv" | "env" | "cwd" | "stdout" | "stderr">,
  run: (sources: ConfigSources) => Promise<ExitCode>,
): Promise<ExitCode> {
  // pnpm passes on the `--` that separates a script from its flags.
  const sources: ConfigSources = { env, argv: argv.slice(argv[2] === "--" ? 3 : 2), cwd: cwd() };
  const { asks } = flagLayer(sources.argv);
  if (asks !== undefined) {
    stdout.write(asks === "help" ? usage() : `${version()}\n`);
    return 0;
  }
  try {
    return await run(sources);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    stderr.write(`${error.message}\n`);
    return 2;
  }
}
