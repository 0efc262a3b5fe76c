import type { Pool, PoolClient } from "pg";
import { lockMigrations } from "../apply-migrations.sql.ts";
import { inOneTransaction } from "../in-one-transaction.ts";
import { createRolesStatements, grantStatements } from "./role-grants.sql.ts";
import { readRoleState } from "./role-state.sql.ts";

/** Millrace's roles could not be made, or not be given their rights. The failed call changed nothing. */
export class RolesError extends Error {
  readonly code = "ROLES_FAILED";
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "RolesError";
  }
}

/** The result of `migrateRoles`. */
export interface RolesResult {
  /** The roles that this call created. Empty if all existed. */
  created: string[];
}

/**
 * Creates the roles `millrace_producer`, `millrace_worker`, `millrace_viewer` and `millrace_admin` where they are
 * missing, and gives them their rights on the millrace schema, in one transaction. May be called again at any time.
 *
 * Needs the owner of the schema, and CREATEROLE while a role is missing. Whoever lacks CREATEROLE hands the script of
 * `rolesScript()` to somebody who has it, or lets somebody create the four roles: then the owner can call this.
 * After this call, `migrate` keeps the rights up to date when it applies a migration.
 *
 * Throws `RolesError` (`ROLES_FAILED`).
 *
 * @example
 * await migrate(pool);
 * const { created } = await migrateRoles(pool);
 */
export async function migrateRoles(pool: Pool): Promise<RolesResult> {
  try {
    return await inOneTransaction(pool, makeRoles);
  } catch (error) {
    if (error instanceof RolesError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RolesError(`Could not make Millrace's roles: ${reason}. Nothing was changed. ${REMEDY}`, {
      cause: error,
    });
  }
}

const REMEDY =
  "Run `millrace roles --print` and hand the script to somebody with CREATEROLE who owns the schema, or let somebody " +
  "create the four roles, and run `millrace roles` as the owner of the schema.";

async function makeRoles(client: PoolClient): Promise<RolesResult> {
  await lockMigrations(client);
  const { made, owns, missing } = await readRoleState(client);
  if (!made) {
    throw new RolesError(
      "The database has no millrace schema. Run `millrace migrate`, then `millrace roles`.",
    );
  }
  if (!owns)
    throw new RolesError(`This role does not own the millrace schema. Nothing was changed. ${REMEDY}`);
  if (missing.length > 0) for (const statement of createRolesStatements()) await client.query(statement);
  await grantRights(client);
  return { created: missing };
}

/** Gives the roles their rights, in the caller's transaction. */
async function grantRights(client: PoolClient): Promise<void> {
  await client.query(grantStatements().join(";\n"));
}

/** Gives the roles their rights on what a migration made, if somebody has granted them rights in this database. */
export async function renewGrants(client: PoolClient): Promise<void> {
  const { granted, owns } = await readRoleState(client);
  if (granted && owns) await grantRights(client);
}
