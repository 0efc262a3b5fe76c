/** A block of a page: a comment with its name, and the code that follows the comment. */
const BLOCK = /(<!-- output: ([a-z-]+) -->\n```console\n)[\s\S]*?(\n```)/g;

/**
 * Writes what commands printed into a page: into the code after each `<!-- output: name -->`. Throws for a name without
 * an output, and for an output that the page does not show.
 */
export function withOutputs(page: string, outputs: ReadonlyMap<string, string>): string {
  const unused = new Set(outputs.keys());
  const written = page.replaceAll(BLOCK, (_block, head: string, name: string, end: string) => {
    const output = outputs.get(name);
    if (output === undefined)
      throw new Error(`The page shows the output "${name}", which no command printed.`);
    unused.delete(name);
    return `${head}${output}${end}`;
  });
  if (unused.size > 0) throw new Error(`The page has no place for these outputs: ${[...unused].join(", ")}`);
  return written;
}
