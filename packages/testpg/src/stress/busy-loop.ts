// Computes without a pause until its standard input closes. This input is a pipe that closes when the parent ends.

/** How long the loop computes before it looks at the pipe, in ms. */
const sliceMs = 20;

process.stdin.on("close", () => process.exit(0)).resume();
computeOn();

function computeOn(): void {
  const until = performance.now() + sliceMs;
  while (performance.now() < until);
  setImmediate(computeOn);
}
