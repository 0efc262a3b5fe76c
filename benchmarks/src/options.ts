import { parseArgs } from "node:util";
import type { Adapter } from "./adapters/adapter.ts";
import { ADAPTERS, adapterOf } from "./adapters/registry.ts";
import type { BenchCase } from "./cases/bench-case.ts";
import { CASES } from "./cases/registry.ts";
import { FULL, QUICK, type Sizes } from "./sizes.ts";

/** Which cases to run, with which peers and sizes. */
export interface BenchOptions {
  sizes: Sizes;
  cases: readonly BenchCase[];
  adapters: readonly Adapter[];
  /** The base name of the result files. */
  out: string;
}

/** The text that `--help` prints. */
export const USAGE = `Usage: pnpm bench [options]

  --quick            fewer jobs, one round, cases a, b, c, h and i: under two minutes
  --only a,b         these cases
  --peers a,b        these peers: ${ADAPTERS.map((adapter) => adapter.id).join(", ")}
  --rounds N         measured rounds
  --jobs N           jobs of a drain
  --out NAME         base name of the files in benchmarks/results (default: full or quick)
  --help
`;

/** Reads the command line. Returns null for `--help`. Throws an `Error` that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    // A package manager may pass the separator `--` on.
    args: args.filter((arg) => arg !== "--"),
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string" },
      peers: { type: "string" },
      rounds: { type: "string" },
      jobs: { type: "string" },
      out: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const base = values.quick ? QUICK : FULL;
  const sizes = {
    ...base,
    rounds: positive("--rounds", values.rounds) ?? base.rounds,
    drainJobs: positive("--jobs", values.jobs) ?? base.drainJobs,
  };
  return {
    sizes,
    cases: list(values.only)?.map(caseOf) ?? CASES.filter((each) => !values.quick || each.quick),
    adapters: list(values.peers)?.map(adapterOf) ?? ADAPTERS,
    out: outName(values.out ?? base.name),
  };
}

function list(text: string | undefined): string[] | undefined {
  return text?.split(",").map((part) => part.trim());
}

function positive(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new Error(`${flag} takes a whole number from 1, not "${text}".`);
  return value;
}

function outName(name: string): string {
  if (!/^[\w.-]+$/.test(name)) throw new Error(`--out takes a plain file name, not "${name}".`);
  return name;
}

function caseOf(id: string): BenchCase {
  const found = CASES.find((each) => each.id === id);
  if (found === undefined) {
    throw new Error(`There is no case "${id}"; there are ${CASES.map((each) => each.id).join(", ")}.`);
  }
  return found;
}
