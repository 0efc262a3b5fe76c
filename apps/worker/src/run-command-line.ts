import type { ConfigSources } from "./config/config.ts";
import { ConfigError } from "./config/config-error.ts";
import { flagLayer } from "./config/flag-layer.ts";
import { usage } from "./config/usage.ts";
import type { ExitCode } from "./run-worker.ts";
import { version } from "./version.ts";

/** Answers `--help` and `--version`, and tells of a wrong configuration; otherwise `run` decides how it ends. */
export async function runCommandLine(
  { argv, env, cwd, stdout, stderr }: Pick<NodeJS.Process, "argv" | "env" | "cwd" | "stdout" | "stderr">,
  run: (sources: ConfigSources) => Promise<ExitCode>,
): Promise<ExitCode> {
  // pnpm passes on the `--` before the flags of a script.
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
