/** A migration that workers of some earlier releases cannot live with. */
export interface MigrationRule {
  /** The name of the migration. */
  migration: string;
  /** The schema of the oldest release that can live with it: how many migrations that release has at least. */
  leastSchema: number;
  /** What older workers cannot do. */
  because: string;
}

/**
 * The migrations that workers of some earlier releases cannot live with, in their order. `migrate` refuses such a
 * migration while one of these workers is alive. A new rule needs a new `millrace.least_schema()` in its migration,
 * which returns the greatest number of this list; a test compares the two.
 */
export const MIGRATION_RULES: readonly MigrationRule[] = [
  {
    migration: "0009_three_places",
    leastSchema: 10,
    because: "it moves the jobs to tables that older workers do not know",
  },
];
