import type { Catalog, ColumnShape, TableShape } from "@millrace/schema/catalog";
import { expect, test } from "vitest";
import { compareCatalog } from "./compare-catalog.ts";
import type { Finding } from "./finding.ts";

const ID: ColumnShape = { type: "uuid", notNull: true, default: "millrace.uuid_v7()", storage: "plain" };
const NOTE: ColumnShape = { type: "text", notNull: false, default: null, storage: "extended" };

const TABLE: TableShape = {
  columns: { id: ID, note: NOTE },
  constraints: { things_pkey: "PRIMARY KEY (id)", things_note_check: "CHECK ((note <> ''::text))" },
  indexes: { things_note_idx: "CREATE INDEX things_note_idx ON millrace.things USING btree (note)" },
  triggers: {
    watch: { definition: "CREATE TRIGGER watch BEFORE INSERT ON millrace.things …", enabled: true },
  },
  statistics: { things_stat: "CREATE STATISTICS millrace.things_stat ON note, id FROM millrace.things" },
  options: { autovacuum_vacuum_threshold: "5000" },
};

const SOURCE = {
  source: "md5",
  volatility: "volatile",
  settings: "search_path=pg_catalog",
  definition: "CREATE OR REPLACE FUNCTION millrace.f() …",
};

const EXPECTED: Catalog = {
  tables: { things: TABLE },
  views: {
    all_things: {
      columns: { id: "uuid" },
      definition: " SELECT id FROM millrace.some_things;",
      triggers: { insert: { definition: "CREATE TRIGGER insert INSTEAD OF …", enabled: true } },
    },
    some_things: { columns: { id: "uuid" }, definition: " SELECT id FROM millrace.things;", triggers: {} },
  },
  functions: { "f()": SOURCE },
};

/** How this server would write a view, if it writes views as the expectation does. */
const sameServer = async (definition: string) => definition;

const withTable = (change: Partial<TableShape>): Catalog => ({
  ...EXPECTED,
  tables: { things: { ...TABLE, ...change } },
});

const withColumns = (columns: Record<string, ColumnShape>) => withTable({ columns });

async function only(found: Catalog): Promise<Finding | undefined> {
  const findings = await compareCatalog(EXPECTED, found, sameServer);
  expect(findings).toHaveLength(1);
  return findings[0];
}

test("a schema as the migrations make it has no findings, and neither have a user's own objects", async () => {
  const found = {
    ...EXPECTED,
    tables: { ...EXPECTED.tables, mine: TABLE },
    functions: { ...EXPECTED.functions, "g()": SOURCE },
  };

  expect(await compareCatalog(EXPECTED, EXPECTED, sameServer)).toEqual([]);
  expect(await compareCatalog(EXPECTED, found, sameServer)).toEqual([]);
});

test.each([
  ["COLUMN_MISSING", withColumns({ id: ID }), "ALTER TABLE millrace.things ADD COLUMN note text;"],
  [
    "COLUMN_UNKNOWN",
    withColumns({ id: ID, note: NOTE, "My own": NOTE }),
    '-- Deletes its values:\nALTER TABLE millrace.things DROP COLUMN "My own";',
  ],
  [
    "COLUMN_TYPE",
    withColumns({ id: ID, note: { ...NOTE, type: "character varying(10)" } }),
    "ALTER TABLE millrace.things ALTER COLUMN note TYPE text USING note::text;",
  ],
  [
    "COLUMN_NULL",
    withColumns({ id: { ...ID, notNull: false }, note: NOTE }),
    "ALTER TABLE millrace.things ALTER COLUMN id SET NOT NULL;",
  ],
  [
    "COLUMN_DEFAULT",
    withColumns({ id: { ...ID, default: null }, note: NOTE }),
    "ALTER TABLE millrace.things ALTER COLUMN id SET DEFAULT millrace.uuid_v7();",
  ],
  [
    "COLUMN_STORAGE",
    withColumns({ id: ID, note: { ...NOTE, storage: "external" } }),
    "ALTER TABLE millrace.things ALTER COLUMN note SET STORAGE EXTENDED;",
  ],
  [
    "CONSTRAINT_MISSING",
    withTable({ constraints: { things_pkey: "PRIMARY KEY (id)" } }),
    "ALTER TABLE millrace.things ADD CONSTRAINT things_note_check CHECK ((note <> ''::text));",
  ],
  [
    "CONSTRAINT_UNKNOWN",
    withTable({ constraints: { ...TABLE.constraints, mine: "CHECK (false)" } }),
    "ALTER TABLE millrace.things DROP CONSTRAINT mine;",
  ],
  [
    "INDEX_MISSING",
    withTable({ indexes: {} }),
    "CREATE INDEX CONCURRENTLY things_note_idx ON millrace.things USING btree (note);",
  ],
  [
    "INDEX_UNKNOWN",
    withTable({ indexes: { ...TABLE.indexes, mine: "CREATE INDEX mine …" } }),
    "DROP INDEX CONCURRENTLY millrace.mine;",
  ],
  [
    "TRIGGER_MISSING",
    withTable({ triggers: {} }),
    "CREATE TRIGGER watch BEFORE INSERT ON millrace.things …;",
  ],
  [
    "STATISTICS_MISSING",
    withTable({ statistics: {} }),
    "CREATE STATISTICS millrace.things_stat ON note, id FROM millrace.things;\nANALYZE millrace.things;",
  ],
  [
    "TRIGGER_DISABLED",
    withTable({
      triggers: { watch: { definition: TABLE.triggers["watch"]?.definition ?? "", enabled: false } },
    }),
    "ALTER TABLE millrace.things ENABLE TRIGGER watch;",
  ],
  [
    "OPTION_DIFFERENT",
    withTable({ options: { autovacuum_vacuum_threshold: "1" } }),
    "ALTER TABLE millrace.things SET (autovacuum_vacuum_threshold = 5000);",
  ],
  ["FUNCTION_MISSING", { ...EXPECTED, functions: {} }, "CREATE OR REPLACE FUNCTION millrace.f() …;"],
  [
    "FUNCTION_DIFFERENT",
    { ...EXPECTED, functions: { "f()": { ...SOURCE, settings: null } } },
    "CREATE OR REPLACE FUNCTION millrace.f() …;",
  ],
  [
    "FUNCTION_UNKNOWN",
    { ...EXPECTED, functions: { ...EXPECTED.functions, "f(integer)": SOURCE } },
    "DROP FUNCTION millrace.f(integer);",
  ],
])("%s comes with the SQL that repairs it", async (code, found, repair) => {
  expect(await only(found)).toMatchObject({ code, repair });
});

test("a check that a dump and a restore have written anew is no difference", async () => {
  const listed = (rule: string): Catalog =>
    withTable({ constraints: { ...TABLE.constraints, listed: rule } });
  const made =
    "CHECK (((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))";
  const restored =
    "CHECK (((state)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))";

  expect(await compareCatalog(listed(made), listed(restored), sameServer)).toEqual([]);
  expect(
    await compareCatalog(listed(made), listed(restored.replace("'b'", "'c'")), sameServer),
  ).toMatchObject([{ code: "CONSTRAINT_DIFFERENT" }]);
});

test("a missing table comes with its columns, constraints and indexes", async () => {
  const finding = await only({ ...EXPECTED, tables: {} });

  expect(finding).toMatchObject({ code: "TABLE_MISSING" });
  expect(finding?.repair?.split("\n")).toEqual([
    "CREATE TABLE millrace.things (",
    "  id uuid DEFAULT millrace.uuid_v7() NOT NULL,",
    "  note text,",
    "  CONSTRAINT things_pkey PRIMARY KEY (id),",
    "  CONSTRAINT things_note_check CHECK ((note <> ''::text))",
    ");",
    "CREATE INDEX things_note_idx ON millrace.things USING btree (note);",
    "CREATE STATISTICS millrace.things_stat ON note, id FROM millrace.things;",
  ]);
});

test("missing views are made in the order in which they use each other", async () => {
  const findings = await compareCatalog(EXPECTED, { ...EXPECTED, views: {} }, sameServer);

  expect(findings.map(({ object }) => object)).toEqual(["millrace.some_things", "millrace.all_things"]);
  expect(findings[1]?.repair).toContain("CREATE TRIGGER insert INSTEAD OF …;");
});

test("a view's query is compared with how the server writes the expected query", async () => {
  const views = {
    ...EXPECTED.views,
    some_things: {
      columns: { id: "uuid" },
      definition: " SELECT things.id FROM millrace.things;",
      triggers: {},
    },
  };
  const olderServer = async (definition: string) => definition.replace("SELECT id", "SELECT things.id");
  const found = { ...EXPECTED, views };

  expect(await compareCatalog(EXPECTED, found, olderServer)).toEqual([]);
  expect(await compareCatalog(EXPECTED, found, async () => null)).toEqual([]);
  expect(await compareCatalog(EXPECTED, found, sameServer)).toMatchObject([
    { code: "VIEW_DIFFERENT", object: "millrace.some_things" },
  ]);
});

test("a view with other columns is made anew, with its triggers", async () => {
  const all = {
    columns: { id: "text" },
    definition: "x",
    triggers: EXPECTED.views["all_things"]?.triggers ?? {},
  };

  expect(await only({ ...EXPECTED, views: { ...EXPECTED.views, all_things: all } })).toMatchObject({
    code: "VIEW_COLUMNS",
    repair: expect.stringMatching(
      /^DROP VIEW millrace\.all_things;\nCREATE OR REPLACE VIEW .*CREATE TRIGGER/s,
    ),
  });
});
