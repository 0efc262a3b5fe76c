import { parseArgs } from "node:util";

/** The options of a stress run. */
export interface StressOptions {
  /** How often each suite runs. */
  readonly rounds: number;
  /** The seed of the first round's order; each further round takes the next number. */
  readonly seed: number;
  /** The packages whose suites run, by names without the scope. Empty: all packages. */
  readonly packages: readonly string[];
}

/** The usage text of the command line. */
export const usage = `Usage: pnpm test:stress [--rounds N] [--seed N] [--package NAME]...

Runs the database suites over and over, in a random order, beside one busy loop per core.

  --rounds N      how often each suite runs (default 10)
  --seed N        the seed of the first round's order; each further round takes the next number
  --package NAME  only this package's suite, such as queue; may be given several times
`;

/** The command line asks for something impossible. */
export class StressUsageError extends Error {
  readonly code = "usage";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StressUsageError";
  }
}

const defaultRounds = 10;

/** The largest seed on the command line. Vitest takes any number, but people can still copy a number of this length. */
const seedMax = 2 ** 31 - 1;

/**
 * Reads a command line. `randomSeed` is the seed when the command line names no seed. Throws `StressUsageError`.
 * A first `--` is skipped, because package managers add one.
 */
export function stressOptions(args: readonly string[], randomSeed: number): StressOptions {
  const { values } = parse(args[0] === "--" ? args.slice(1) : args);
  return {
    rounds: integer("--rounds", values.rounds ?? String(defaultRounds), 1),
    seed: integer("--seed", values.seed ?? String(randomSeed % seedMax), 0),
    packages: (values.package ?? []).map((name) => name.replace(/^@[^/]+\//, "")),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: "string" },
        seed: { type: "string" },
        package: { type: "string", multiple: true },
      },
    });
  } catch (cause) {
    throw new StressUsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function integer(flag: string, text: string, min: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= seedMax) return value;
  throw new StressUsageError(`${flag} takes an integer from ${min} to ${seedMax}, found ${text}`);
}
