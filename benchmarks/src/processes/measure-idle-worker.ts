import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { askProcess } from "./ask-process.ts";

/** The only message of the process with an idle worker. */
interface IdleMessage {
  kind: "idle";
  /** The resident memory of the process, in bytes. */
  rss: number;
}

const PROGRAM = fileURLToPath(new URL("./idle-main.mjs", import.meta.url));

/** Whether the packages that a worker loads are built. */
export const PACKAGES_ARE_BUILT = ["base", "schema", "queue"].every((name) =>
  existsSync(new URL(`../../../packages/${name}/dist/index.js`, import.meta.url)),
);

/**
 * Returns the resident memory, in bytes, of a new process whose worker has been idle for some time. The process loads
 * the built packages if there are any, else their source, for which Node needs more memory.
 */
export async function measureIdleWorker(spec: { url: string; idleMs: number }): Promise<number> {
  // Without the condition of this process, the packages resolve to their builds.
  const built = { execArgv: process.execArgv.filter((flag) => !flag.startsWith("--conditions")) };
  const { rss } = await askProcess<IdleMessage>(PROGRAM, spec, PACKAGES_ARE_BUILT ? built : {});
  return rss;
}
