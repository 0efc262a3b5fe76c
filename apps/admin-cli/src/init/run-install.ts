import { spawn } from "node:child_process";
import { MillraceError } from "@millrace/base";
import type { CommandIo } from "../command-io.ts";

/** A package manager could not add the dependencies. The files are written. */
export class InstallFailedError extends MillraceError {
  readonly code = "INSTALL_FAILED";
}

/**
 * Runs a command that adds dependencies, in a project's folder. What the command prints goes to standard error. Throws
 * `InstallFailedError` if the command fails.
 */
export async function runInstall(
  [program = "", ...args]: readonly string[],
  folder: string,
  io: Pick<CommandIo, "env" | "stderr">,
): Promise<void> {
  const shown = [program, ...args].join(" ");
  io.stderr.write(`$ ${shown}\n`);
  // On Windows, package managers are scripts, which only a shell runs.
  const child = spawn(program, args, {
    cwd: folder,
    env: io.env,
    stdio: ["ignore", "pipe", "pipe"],
    shell: process.platform === "win32",
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => io.stderr.write(text));
  }
  const why = await new Promise<string | null>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code) => resolve(code === 0 ? null : `exit code ${code}`));
  });
  if (why !== null) {
    throw new InstallFailedError(
      `\`${shown}\` failed (${why}). The files are written. Run it yourself in ${folder}.`,
    );
  }
}
