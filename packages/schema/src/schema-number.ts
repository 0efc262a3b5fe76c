/**
 * The schema of this release: how many migrations it has. A worker writes the number into its row, and compares it with
 * `millrace.least_schema()`. A test compares it with the migrations.
 */
export const SCHEMA_NUMBER = 15;
