import type { Adapter } from "./adapters/adapter.ts";
import type { BenchCase, Variant } from "./cases/bench-case.ts";
import type { Results } from "./results.ts";
import type { PostgresServer } from "./server/postgres-server.ts";
import type { Server } from "./server/store.ts";
import { type Sizes, sizesOf } from "./sizes.ts";

/** The servers and sizes of the cases, and where their results go. */
export interface CaseRun {
  sizes: Sizes;
  adapters: readonly Adapter[];
  postgres: PostgresServer;
  redis: Server | null;
  results: Results;
  /** Receives one line about each run when the run has ended. */
  onProgress(line: string): void;
}

/**
 * Runs a case in rounds: in each round every variant, and in each variant every peer once. Each round begins with
 * another peer. A change of the machine's speed so affects all variants and peers alike. The results of warm-up rounds
 * are thrown away.
 */
export async function runCase(
  benchCase: BenchCase,
  run: CaseRun,
  drainRates: Map<string, number>,
): Promise<void> {
  const sizes = sizesOf(run.sizes, benchCase.id);
  const variants = benchCase
    .variants(sizes)
    .map((variant) => ({ variant, adapters: takingPart(benchCase, variant, { ...run, sizes }) }));
  for (let round = -sizes.warmUpRounds; round < sizes.rounds; round++) {
    for (const { variant, adapters } of variants) {
      for (const adapter of rotated(adapters, round + sizes.warmUpRounds)) {
        await runOnce({ benchCase, variant, adapter, round }, { ...run, sizes }, drainRates);
      }
    }
  }
  await run.postgres.dropTemplates();
}

/** Rotates a list: the result begins with the element at index `by`, modulo the list's length. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** The peers that take part, of those that the sizes name. The results keep why another one takes no part. */
function takingPart(benchCase: BenchCase, variant: Variant, run: CaseRun): Adapter[] {
  const { peers } = run.sizes;
  return run.adapters
    .filter((adapter) => benchCase.roles.includes(adapter.role) && (peers?.includes(adapter.id) ?? true))
    .filter((adapter) => {
      const reason = benchCase.skip?.(adapter, variant) ?? missingServer(adapter, run);
      if (reason !== null) leaveOut(run.results, { caseId: benchCase.id, peer: adapter.id, reason });
      return reason === null;
    });
}

function leaveOut(results: Results, absence: { caseId: string; peer: string; reason: string }): void {
  const { caseId, peer, reason } = absence;
  const known = results.absences.some(
    (each) => each.caseId === caseId && each.peer === peer && each.reason === reason,
  );
  if (!known) results.absences.push({ ...absence, failed: false });
}

function missingServer(adapter: Adapter, run: CaseRun): string | null {
  return adapter.server === "redis" && run.redis === null ? "no redis-server on the PATH" : null;
}

async function runOnce(
  one: { benchCase: BenchCase; variant: Variant; adapter: Adapter /** Below 0: a warm-up. */; round: number },
  run: CaseRun,
  drainRates: Map<string, number>,
): Promise<void> {
  const { benchCase, variant, adapter, round } = one;
  const { sizes, postgres, results } = run;
  const server = adapter.server === "redis" && run.redis !== null ? run.redis : postgres;
  const name = `${benchCase.id} ${variant.label}, ${round < 0 ? "warm-up" : `round ${round + 1}`}, ${adapter.label}`;
  try {
    const measurement = await benchCase.run({ adapter, variant, sizes, server, postgres, drainRates });
    const shown = Object.entries(measurement).map(([key, value]) => `${key} ${Number(value.toPrecision(4))}`);
    run.onProgress(`${name}: ${shown.join(", ")}`);
    if (round < 0) return;
    results.samples.push({
      caseId: benchCase.id,
      variant: variant.key,
      peer: adapter.id,
      round,
      measurement,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    run.onProgress(`${name}: FAILED: ${reason}`);
    results.absences.push({
      caseId: benchCase.id,
      peer: adapter.id,
      reason: `${variant.label}: ${reason}`,
      failed: true,
    });
  }
}
