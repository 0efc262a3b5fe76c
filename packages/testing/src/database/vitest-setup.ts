import { checkFields, fieldNames } from "@millrace/base";
import { databaseSetup as setupOf } from "@millrace/testpg/vitest";
import type { TestProject } from "vitest/node";
import { CLOCK_SCHEMA } from "../clock/clock-schema.ts";
import { type PrepareOptions, preparing } from "./prepare-database.ts";
import { isLasting, templateKey } from "./template-key.ts";

const FIELDS = fieldNames<PrepareOptions>({ prepare: true, key: true });

/**
 * Returns a global setup for Vitest: one server for the run, and a migrated template, of which `useTestDatabase` gives
 * each test file a clone. Name the file that exports it in `globalSetup` of the Vitest configuration. The setup throws
 * `TestServerError`, and this call `InvalidOptionError` (`INVALID_OPTION`) for an unknown option.
 *
 * @example
 * export const setup = databaseSetup();
 */
export function databaseSetup(
  options: PrepareOptions = {},
): (project: TestProject) => Promise<() => Promise<void>> {
  checkFields("options", options, FIELDS);
  return setupOf({
    prepare: preparing(options),
    schemaBeforeCatalog: CLOCK_SCHEMA,
    ...(isLasting(options) ? { key: templateKey(options) } : {}),
  });
}
