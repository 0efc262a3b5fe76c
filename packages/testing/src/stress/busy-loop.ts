// Computes without a pause until the pipe that is its standard input closes, which it does when its parent ends.

/** How long it computes before it looks at the pipe, in ms. */
const sliceMs = 20;

process.stdin.on("close", () => process.exit(0)).resume();
computeOn();

function computeOn(): void {
  const until = performance.now() + sliceMs;
  while (performance.now() < until);
  setImmediate(computeOn);
}
