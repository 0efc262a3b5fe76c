import { randomBytes } from "node:crypto";
import { migrationsHash } from "@millrace/schema/migrations";
import { CLOCK_VERSION } from "../clock/install-test-clock.sql.ts";
import type { PrepareOptions } from "./prepare-database.ts";

/** Whether the template of these options may serve later runs. */
export function isLasting({ prepare, key }: PrepareOptions): boolean {
  return prepare === undefined || key !== undefined;
}

/** Names what a template has: the same key means the same template. A template for one run has a random key. */
export function templateKey(options: PrepareOptions): string {
  if (!isLasting(options)) return randomBytes(16).toString("hex");
  return `testing ${CLOCK_VERSION} ${migrationsHash()} ${options.key ?? ""}`;
}
