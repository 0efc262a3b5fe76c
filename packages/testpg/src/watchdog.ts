import { type ChildProcessByStdio, type SpawnOptions, spawn } from "node:child_process";
import type { Readable } from "node:stream";

/** A program to run under a watchdog, and the signal that ends the program when this process ends first. */
export interface GuardedProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly signal: "INT" | "QUIT" | "KILL";
  /** Whether the signal goes to all processes of the program's group, or to the program's own process alone. */
  readonly wholeGroup: boolean;
  readonly options: Pick<SpawnOptions, "cwd" | "env" | "gid" | "uid">;
}

/** A process that outlives this process just long enough to clean up. */
export interface Watchdog {
  /**
   * Starts a program in a group and session of its own. The watchdog guards the program from its first instruction on.
   */
  spawn(program: GuardedProgram): ChildProcessByStdio<null, Readable, Readable>;
  /** Reports that nothing runs at the moment. The folder is still to be removed. */
  idle(): void;
  /** Reports that everything is cleaned up. The watchdog ends without further work. */
  release(): void;
}

/**
 * Starts a shell that reads from a pipe.
 * - Only this process, and programs that are just starting, hold the pipe open.
 * - When this process ends, even by SIGKILL, the pipe closes. The shell then stops the guarded process, and removes
 *   `removeDir` unless `removeDir` is empty.
 * - The shell has its own session, so that Ctrl-C does not reach the shell.
 */
export function startWatchdog({ dataDir, removeDir }: { dataDir: string; removeDir: string }): Watchdog {
  const child = spawn("/bin/sh", ["-c", script, "millrace-watchdog", dataDir, removeDir], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  const { stdin } = child;
  // Ignores errors of a killed watchdog, because `stop()` cleans up without the watchdog.
  child.on("error", () => undefined);
  stdin.on("error", () => undefined);
  child.unref();
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return {
    spawn: ({ command, args, signal, wholeGroup, options }) =>
      spawn("/bin/sh", ["-c", introduce, "sh", signal, wholeGroup ? "-" : "", command, ...args], {
        ...options,
        detached: true,
        stdio: [stdin.destroyed ? "ignore" : stdin, "pipe", "pipe"],
      }),
    idle: () => void stdin.write("IDLE 0\n"),
    release: () => void stdin.end("DONE 0\n"),
  };
}

// A shell writes its process id to the watchdog's pipe, and then becomes the program. This process cannot write the id,
// because this process may end right after it started the shell. Until the shell has written the id, the shell holds
// the pipe open, so the watchdog waits. If the watchdog was killed, the program runs without a watchdog.
const introduce = `
trap '' PIPE
echo "$1 $2$$" 2>/dev/null >&0
trap - PIPE
shift 2
exec "$@" </dev/null
`;

// The wait ends when the server has removed postmaster.pid. `kill -0` alone would not end it: in a container whose
// process 1 does not reap, a zombie exists for ever. After about 20 s, SIGKILL follows.
const script = `
trap '' INT TERM HUP
signal=IDLE
while read -r next target; do
  if [ "$next" = DONE ]; then exit 0; fi
  signal=$next
  pid=$target
done
if [ "$signal" != IDLE ] && kill -s "$signal" -- "$pid" 2>/dev/null; then
  left=400
  while [ $left -gt 0 ] && [ -e "$1/postmaster.pid" ] && kill -0 "$pid" 2>/dev/null; do
    sleep 0.05
    left=$((left - 1))
  done
  if [ $left -eq 0 ]; then kill -s KILL -- "$pid" 2>/dev/null; fi
fi
if [ -n "$2" ]; then
  # What was killed may still be dying, and write.
  left=100
  while [ $left -gt 0 ]; do
    rm -rf -- "$2" 2>/dev/null && exit 0
    sleep 0.2
    left=$((left - 1))
  done
fi
`;
