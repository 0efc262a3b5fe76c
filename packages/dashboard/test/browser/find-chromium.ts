import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** A Chromium that can be started. */
export interface FoundChromium {
  readonly path: string;
  readonly args: readonly string[];
}

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];

/**
 * Finds a Chromium: that of `MILLRACE_TEST_CHROMIUM`, one of this machine, or the one of an npm package, which needs few
 * libraries of the system. Null: there is none for this machine.
 */
export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<FoundChromium | null> {
  const folders = ["/usr/bin", ...(env["PATH"] ?? "").split(delimiter)];
  const paths = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const path = [env["MILLRACE_TEST_CHROMIUM"], ...paths].find(
    (each) => each !== undefined && isProgram(each),
  );
  return path === undefined ? packagedChromium() : { path, args: [] };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // No such file, or no program.
    return false;
  }
}

/** The Chromium of the npm package, which is built for Linux on x64. The first start unpacks it, in some seconds. */
async function packagedChromium(): Promise<FoundChromium | null> {
  if (process.platform !== "linux" || process.arch !== "x64") return null;
  const { default: chromium } = await import("@sparticuz/chromium");
  return { path: await chromium.executablePath(), args: chromium.args };
}
