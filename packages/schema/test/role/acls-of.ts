import type pg from "pg";

/** Every right that Millrace's roles have on the schema and its objects, one text each, sorted. */
export async function aclsOf(pool: pg.Pool): Promise<string[]> {
  const { rows } = await pool.query<{ text: string }>(
    `SELECT DISTINCT concat_ws(' ', r.rolname, a.privilege_type, object.name) AS text
     FROM (
       SELECT 'schema' AS name, nspacl AS acl FROM pg_namespace WHERE nspname = 'millrace'
       UNION ALL
       SELECT relname, relacl FROM pg_class WHERE relnamespace = 'millrace'::regnamespace
       UNION ALL
       SELECT c.relname || '.' || t.attname, t.attacl FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid
       WHERE c.relnamespace = 'millrace'::regnamespace
       UNION ALL
       SELECT proname || '()', proacl FROM pg_proc WHERE pronamespace = 'millrace'::regnamespace
     ) AS object, aclexplode(object.acl) a JOIN pg_roles r ON r.oid = a.grantee
     WHERE r.rolname LIKE 'millrace\\_%' ORDER BY 1`,
  );
  return rows.map(({ text }) => text);
}
