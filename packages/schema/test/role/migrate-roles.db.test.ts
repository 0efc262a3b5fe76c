import { useTestDatabase } from "@millrace/testpg/vitest";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { MILLRACE_ROLES, MigrationError, migrate, migrateRoles, rolesScript } from "../../src/index.ts";
import { migrateTo, useFreshDatabases } from "../fresh-database.ts";
import { aclsOf } from "./acls-of.ts";

const database = useTestDatabase();

/** How many migrations there were before the roles. */
const BEFORE_ROLES = 14;

describe("migrateRoles", () => {
  const databases = useFreshDatabases();
  const logins: { pool: pg.Pool; name: string }[] = [];

  afterEach(async () => {
    for (const { pool, name } of logins.splice(0)) {
      await pool.end();
      // A role belongs to the server: what it owns in its database must go first.
      const owner = databases.connect();
      await owner.query(`DROP OWNED BY ${name} CASCADE`);
      await owner.query(`DROP ROLE ${name}`);
    }
  });

  /** Makes a login role with a password, and opens a pool as this role. */
  async function login(target: pg.Pool, rights: string): Promise<pg.Pool> {
    const name = `login_${Math.random().toString(36).slice(2)}`;
    await target.query(`CREATE ROLE ${name} LOGIN PASSWORD 'secret' NOCREATEROLE ${rights}`);
    const { rows } = await target.query<{ name: string }>("SELECT current_database() AS name");
    const url = new URL(database.url);
    url.pathname = `/${rows[0]?.name}`;
    url.username = name;
    url.password = "secret";
    const pool = new pg.Pool({ connectionString: url.href });
    pool.on("error", () => undefined);
    logins.push({ pool, name });
    return pool;
  }

  test("gives each role its rights, and changes nothing when it is called again", async () => {
    const target = await databases.empty();
    await migrate(target);
    const before = await aclsOf(target);

    await migrateRoles(target);
    const first = await aclsOf(target);
    const again = await migrateRoles(target);

    expect(before).toEqual([]);
    expect(first).toContain("millrace_producer INSERT waiting_jobs.settings");
    expect(first).toContain("millrace_viewer SELECT waiting_jobs.xmax");
    expect(again).toEqual({ created: [] });
    expect(await aclsOf(target)).toEqual(first);
  });

  test("takes rights that a role has beyond its own", async () => {
    const target = await databases.empty();
    await migrate(target);
    await migrateRoles(target);
    const right = await aclsOf(target);
    await target.query(`
      GRANT ALL ON SCHEMA millrace TO millrace_viewer;
      GRANT UPDATE, SELECT ON millrace.waiting_jobs TO millrace_viewer;
      GRANT SELECT (payload) ON millrace.ended_jobs TO millrace_producer`);

    await migrateRoles(target);

    expect(await aclsOf(target)).toEqual(right);
  });

  test("does what the printed script does", async () => {
    const target = await databases.empty();
    await migrate(target);
    await target.query(rolesScript());
    const scripted = await aclsOf(target);

    await migrateRoles(target);

    expect(scripted.length).toBeGreaterThan(100);
    expect(await aclsOf(target)).toEqual(scripted);
  });

  test("creates roles that cannot log in and have no other attribute", async () => {
    const target = await databases.empty();
    await migrate(target);
    await migrateRoles(target);

    const { rows } = await target.query(
      `SELECT DISTINCT rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
       FROM pg_roles WHERE rolname = ANY($1)`,
      [MILLRACE_ROLES],
    );
    expect(rows).toEqual([
      {
        rolcanlogin: false,
        rolsuper: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolbypassrls: false,
      },
    ]);
  });

  test("is done by an owner without CREATEROLE once the roles exist", async () => {
    const target = await databases.empty();
    await migrateRolesSomewhere();
    const owner = await login(target, "");
    await target.query(
      `DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO ${logins[0]?.name}', current_database()); END $$`,
    );
    await migrate(owner);

    expect(await migrateRoles(owner)).toEqual({ created: [] });
    expect(await aclsOf(owner)).toContain("millrace_worker UPDATE claims");
  });

  test("is refused to a role that does not own the schema, and says what to do", async () => {
    const target = await databases.empty();
    await migrate(target);
    await migrateRoles(target);
    const before = await aclsOf(target);
    const stranger = await login(target, "IN ROLE millrace_admin");

    await expect(migrateRoles(stranger)).rejects.toMatchObject({
      code: "ROLES_FAILED",
      message: expect.stringMatching(/does not own the millrace schema.*millrace roles --print/),
    });
    expect(await aclsOf(target)).toEqual(before);
  });

  test("is refused where the schema is missing", async () => {
    const target = await databases.empty();

    await expect(migrateRoles(target)).rejects.toMatchObject({
      code: "ROLES_FAILED",
      message: expect.stringContaining("Run `millrace migrate`"),
    });
  });

  async function migrateRolesSomewhere(): Promise<void> {
    await migrateRoles(database.pool({ max: 1 }));
  }

  test("a migration gives the roles their rights on what it makes, where they have rights", async () => {
    const target = await databases.empty();
    await migrateTo(target, BEFORE_ROLES);
    await migrateRolesSomewhere();
    for (const role of MILLRACE_ROLES) await target.query(`GRANT USAGE ON SCHEMA millrace TO ${role}`);

    await migrate(target);
    const renewed = await aclsOf(target);
    await migrateRoles(target);

    expect(renewed).toContain("millrace_viewer SELECT audit_entries");
    expect(await aclsOf(target)).toEqual(renewed);
  });

  test("a migration leaves a database without these roles without them", async () => {
    const target = await databases.empty();
    await migrateRolesSomewhere();

    await migrate(target);

    expect(await aclsOf(target)).toEqual([]);
  });

  test("a role that may change waiting jobs, and no other, may execute the new functions", async () => {
    const target = await databases.empty();
    await migrateTo(target, BEFORE_ROLES);
    const old = await login(target, "");
    const name = logins[0]?.name;
    await target.query(`
      GRANT USAGE ON SCHEMA millrace TO ${name};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA millrace TO ${name}`);

    await migrate(target);

    await old.query("SELECT millrace.free_expired_keys('{}', '{}', NULL)");
    const { rows } = await target.query(
      `SELECT has_function_privilege('public', p.oid, 'EXECUTE') AS everybody FROM pg_proc p
       WHERE p.pronamespace = 'millrace'::regnamespace AND p.prosecdef`,
    );
    expect(rows).toEqual(Array.from({ length: 4 }, () => ({ everybody: false })));
  });
});

describe("migrate by a role that may not change the schema", () => {
  const databases = useFreshDatabases();

  async function asWorker(): Promise<pg.Pool> {
    const target = databases.connect();
    const { rows } = await target.query<{ name: string }>("SELECT current_database() AS name");
    const url = new URL(database.url);
    url.pathname = `/${rows[0]?.name}`;
    url.searchParams.set("options", "-c role=millrace_worker");
    const pool = new pg.Pool({ connectionString: url.href, max: 1 });
    pool.on("error", () => undefined);
    return pool;
  }

  test("finds nothing to do in a database that lacks nothing", async () => {
    const target = await databases.empty();
    const { total } = await migrate(target);
    await migrateRoles(target);
    const worker = await asWorker();

    expect(await migrate(worker)).toEqual({ applied: 0, total, newer: 0 });
    await worker.end();
  });

  test("is refused where a migration is missing, and says what to do", async () => {
    const target = await databases.empty();
    await migrateTo(target, BEFORE_ROLES);
    await migrateRoles(database.pool({ max: 1 }));
    const worker = await asWorker();

    const refused = await migrate(worker).catch((error: unknown) => error);

    expect(refused).toBeInstanceOf(MigrationError);
    expect(String(refused)).toMatch(/millrace migrate.*MILLRACE_MIGRATE=false/);
    await worker.end();
  });
});
