import { spawn } from "node:child_process";

/** A process that outlives this one just long enough to clean up after it. */
export interface Watchdog {
  /** Names the process to end: `signal` goes to `target`, a process id, or a negated process group id. */
  guard(signal: "INT" | "QUIT" | "KILL", target: number): void;
  /** Nothing runs at the moment; the folder is still to be removed. */
  idle(): void;
  /** All is cleaned up: the watchdog ends without doing anything. */
  release(): void;
}

/**
 * Starts a shell that reads from a pipe only this process holds. However this process ends, even by SIGKILL, the
 * pipe closes; the shell then stops the guarded process, and removes `removeDir` unless it is empty.
 * It runs in its own session, so that Ctrl-C in a terminal does not reach it.
 */
export function startWatchdog({ dataDir, removeDir }: { dataDir: string; removeDir: string }): Watchdog {
  const child = spawn("/bin/sh", ["-c", script, "millrace-watchdog", dataDir, removeDir], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/bin:/bin" },
  });
  const { stdin } = child;
  // A watchdog that was killed is not a reason to fail: stop() cleans up by itself.
  child.on("error", () => undefined);
  stdin.on("error", () => undefined);
  child.unref();
  if ("unref" in stdin && typeof stdin.unref === "function") stdin.unref();
  return {
    guard: (signal, target) => void stdin.write(`${signal} ${target}\n`),
    idle: () => void stdin.write("IDLE 0\n"),
    release: () => void stdin.end("DONE 0\n"),
  };
}

// The wait ends when the server has removed its own postmaster.pid: `kill -0` alone would see a zombie for ever
// where process 1 of a container does not reap. About 20 s, then SIGKILL.
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
  for attempt in 1 2 3 4 5; do
    rm -rf -- "$2" 2>/dev/null && exit 0
    sleep 0.2
  done
fi
`;
