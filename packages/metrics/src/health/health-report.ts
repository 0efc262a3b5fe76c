/** One thing that was checked. */
export interface HealthCheck {
  /** What was checked. Stable: `process`, `event-loop`, `database`, `schema`, `worker`, `claims`, `renewal`. */
  name: string;
  ok: boolean;
  /** What was found, and, if the check failed, what follows from it: a sentence for people. */
  detail: string;
}

/** What a probe is told. */
export interface HealthReport {
  /** Whether every check passed. */
  ok: boolean;
  checks: HealthCheck[];
}

/** Makes a report of checks. */
export function reportOf(checks: HealthCheck[]): HealthReport {
  return { ok: checks.every((check) => check.ok), checks };
}
