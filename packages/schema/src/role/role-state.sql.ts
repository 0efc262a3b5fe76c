import type { PoolClient } from "pg";
import { MILLRACE_ROLES } from "./role-rights.ts";

/** How Millrace's roles are in a database. */
export interface RoleState {
  /** Whether the millrace schema exists. */
  made: boolean;
  /** Whether this session may grant rights on the schema: it is the owner, or a member of the owner. */
  owns: boolean;
  /** The roles that do not exist on this server. */
  missing: string[];
  /** Whether every role has rights on the schema: somebody has granted them in this database. */
  granted: boolean;
}

/**
 * Guarantees: reads only.
 * Index: the indexes of the catalog.
 * No row: never.
 *
 * Rights that everybody has do not count: a database without these roles stays without them.
 */
const STATE = `
  SELECT n.oid IS NOT NULL AS made, coalesce(pg_has_role(n.nspowner, 'USAGE'), false) AS owns,
         ARRAY(SELECT name FROM unnest($1::text[]) AS name
               WHERE NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = name)) AS missing,
         (SELECT count(DISTINCT r.rolname) FROM aclexplode(n.nspacl) a JOIN pg_roles r ON r.oid = a.grantee
          WHERE r.rolname = ANY($1::text[])) = cardinality($1::text[]) AS granted
  FROM (VALUES ('millrace')) AS given(name) LEFT JOIN pg_namespace n ON n.nspname = given.name`;

/** Reads how Millrace's roles are in a database. */
export async function readRoleState(client: PoolClient): Promise<RoleState> {
  const { rows } = await client.query<RoleState>(STATE, [MILLRACE_ROLES]);
  return rows[0] ?? { made: false, owns: false, missing: [...MILLRACE_ROLES], granted: false };
}
