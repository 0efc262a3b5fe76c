import {
  FUNCTIONS,
  MILLRACE_ROLES,
  type MillraceRole,
  RELATIONS,
  type RelationRights,
  SYSTEM_COLUMNS,
  shortRole,
} from "./role-rights.ts";

/**
 * Guarantees: creates the roles that do not exist. Needs a role with CREATEROLE if a role is missing.
 * Index: none.
 * No row: always.
 */
export function createRolesStatements(): string[] {
  return MILLRACE_ROLES.map(
    (role) => `DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = '${role}') THEN CREATE ROLE ${role} NOLOGIN; END IF;
-- Roles belong to the whole server: another database may make them at the same time.
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$`,
  );
}

/**
 * Guarantees: gives each role its rights on Millrace's objects, and takes every other right on them from it. Needs the
 * owner of the schema.
 * Index: none.
 * No row: always.
 */
export function grantStatements(): string[] {
  return MILLRACE_ROLES.flatMap((role) => [
    `REVOKE ALL ON SCHEMA millrace FROM ${role}`,
    `REVOKE ALL ON ALL TABLES IN SCHEMA millrace FROM ${role}`,
    `REVOKE ALL ON ALL SEQUENCES IN SCHEMA millrace FROM ${role}`,
    `REVOKE ALL ON ALL FUNCTIONS IN SCHEMA millrace FROM ${role}`,
    `GRANT USAGE ON SCHEMA millrace TO ${role}`,
    ...relationGrants(role),
    ...functionGrants(role),
  ]);
}

/**
 * Returns a script that creates the roles and grants their rights, to be read and run by whoever may. It may be run
 * again at any time, and changes nothing then. It is one transaction.
 */
export function rolesScript(): string {
  const statements = [
    "SET LOCAL search_path = pg_catalog, pg_temp",
    ...createRolesStatements(),
    ...grantStatements(),
  ];
  return `-- The roles of Millrace. Needs CREATEROLE while a role is missing, and the owner of the schema millrace.
-- Run it again after each upgrade of the schema. Written by \`millrace roles --print\`.
BEGIN;
${statements.map((statement) => `${statement};`).join("\n")}
COMMIT;
`;
}

function relationGrants(role: MillraceRole): string[] {
  return Object.entries(RELATIONS).flatMap(([relation, rights]) => {
    const own = rights[shortRole(role)];
    const system = SYSTEM_COLUMNS[relation]?.[shortRole(role)] ?? [];
    const columns = selectedColumns(own);
    const read =
      columns === "all" ? ["SELECT"] : columns.length === 0 ? [] : [`SELECT (${columns.join(", ")})`];
    const granted = [
      ...read,
      ...system.map((column) => `SELECT (${column})`),
      ...(own.insert === undefined ? [] : [`INSERT (${own.insert.only.join(", ")})`]),
      ...(own.update === undefined ? [] : [`UPDATE (${own.update.only.join(", ")})`]),
      ...(own.write ?? []),
    ];
    return granted.length === 0 ? [] : [`GRANT ${granted.join(", ")} ON millrace.${relation} TO ${role}`];
  });
}

function selectedColumns({ select }: RelationRights): "all" | readonly string[] {
  if (select === undefined || select === "all") return select ?? [];
  return select.only;
}

function functionGrants(role: MillraceRole): string[] {
  return Object.entries(FUNCTIONS).flatMap(([name, roles]) =>
    roles.includes(shortRole(role)) ? [`GRANT EXECUTE ON FUNCTION millrace."${name}" TO ${role}`] : [],
  );
}
