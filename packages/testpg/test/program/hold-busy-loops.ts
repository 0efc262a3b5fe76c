// Starts two busy loops, tells their process ids, and waits until it is killed.
import { startBusyLoops } from "../../src/stress/busy-loops.ts";

const loops = startBusyLoops(2);
process.stdout.write(`pids=${loops.pids.join(",")}\n`);
setInterval(() => undefined, 60_000);
