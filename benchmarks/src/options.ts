import { parseArgs } from "node:util";
import type { Adapter } from "./adapters/adapter.ts";
import { ADAPTERS, adapterOf } from "./adapters/registry.ts";
import type { BenchCase } from "./cases/bench-case.ts";
import { CASES } from "./cases/registry.ts";
import { type CaseSizes, FULL, QUICK, type Sizes, STANDARD, sizesOf, withChanges } from "./sizes.ts";

/** Which cases to run, with which peers and sizes. */
export interface BenchOptions {
  sizes: Sizes;
  cases: readonly BenchCase[];
  /** The peers of any case, in the order of the report. */
  adapters: readonly Adapter[];
  /** The base name of the result files. */
  out: string;
  /** Whether to renew docs/performance.md: after the standard benchmark, unchanged. */
  renewsPage: boolean;
}

/** The text that `--help` prints. */
export const USAGE = `Usage: pnpm bench [options]

  --standard         every case, the peers that matter: at most 20 minutes; renews docs/performance.md,
                     unless another option changes what is measured
  --quick            fewer jobs, one round, cases a, b, c, h and i: under two minutes
  --only a,b         these cases
  --peers a,b        these peers: ${ADAPTERS.map((adapter) => adapter.id).join(", ")}
  --rounds N         measured rounds
  --jobs N           jobs of a drain
  --out NAME         base name of the files in benchmarks/results (default: full, standard or quick)
  --help

Without --standard and --quick: every case and peer, for three hours.
`;

/** Reads the command line. Returns null for `--help`. Throws an `Error` that says what is wrong. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    // A package manager may pass the separator `--` on.
    args: args.filter((arg) => arg !== "--"),
    options: {
      standard: { type: "boolean", default: false },
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
  if (values.standard && values.quick) throw new Error("--standard and --quick exclude each other.");
  const changes = changesOf(values);
  const base = values.standard ? STANDARD : values.quick ? QUICK : FULL;
  const sizes = withChanges(base, changes);
  const cases = list(values.only)?.map(caseOf) ?? CASES.filter((each) => !values.quick || each.quick);
  return {
    sizes,
    cases,
    adapters: list(values.peers)?.map(adapterOf) ?? adaptersOf(sizes, cases),
    out: outName(values.out ?? base.name),
    renewsPage: values.standard && values.only === undefined && Object.keys(changes).length === 0,
  };
}

/** What the command line changes for every case. */
function changesOf(values: {
  peers?: string | undefined;
  rounds?: string | undefined;
  jobs?: string | undefined;
}): Partial<CaseSizes> {
  const rounds = positive("--rounds", values.rounds);
  const drainJobs = positive("--jobs", values.jobs);
  const peers = list(values.peers);
  return {
    ...(rounds === undefined ? {} : { rounds }),
    ...(drainJobs === undefined ? {} : { drainJobs }),
    ...(peers === undefined ? {} : { peers }),
  };
}

/** The adapters that take part in any of the cases. */
function adaptersOf(sizes: Sizes, cases: readonly BenchCase[]): Adapter[] {
  return ADAPTERS.filter((adapter) =>
    cases.some(({ id }) => sizesOf(sizes, id).peers?.includes(adapter.id) ?? true),
  );
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
