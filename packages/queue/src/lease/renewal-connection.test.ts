import { createPool } from "@millrace/base";
import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import { expect, test } from "vitest";
import { renewalConnection } from "./renewal-connection.ts";

const url = "postgres://u:secret@db.example:5433/app";

test("a thread connects as the pool does, with what the driver hides", () => {
  const pool = new pg.Pool({ host: "h", user: "u", password: "secret", ssl: { key: "k", ca: "c" }, max: 3 });

  expect(renewalConnection(pool)).toEqual({
    host: "h",
    user: "u",
    password: "secret",
    ssl: { key: "k", ca: "c" },
  });
  expect(renewalConnection(new pg.Pool({ connectionString: url }))).toEqual({ connectionString: url });
});

test.each([
  ["a password that a function fetches", { password: () => "secret" }],
  ["a certificate check of the caller's", { ssl: { checkServerIdentity: () => undefined } }],
  ["a client of the caller's", { Client: class extends pg.Client {} }],
  ["a set-up of each connection", { onConnect: () => undefined }],
] satisfies [string, pg.PoolConfig][])("a thread cannot be given %s", (_what, options) => {
  expect(renewalConnection(new pg.Pool({ connectionString: url, ...options }))).toBeNull();
});

test("a thread is told of all servers that the pool of several hosts may connect to", () => {
  const hosts = "postgres://u:secret@a:5432,b:5433/app";

  expect(renewalConnection(createPool({ connectionString: hosts }))).toEqual({ connectionString: hosts });
  const setUp = createPool({ connectionString: hosts, onConnect: () => undefined });
  expect(renewalConnection(setUp)).toBeNull();
});

test("a thread connects as the pool beneath a Drizzle database does", () => {
  const db = drizzle({ client: new pg.Pool({ connectionString: url }) });

  expect(renewalConnection(db)).toEqual({ connectionString: url });
});

test("only a pg pool says how to connect", () => {
  expect(renewalConnection({ query: async () => ({ rows: [] }) })).toBeNull();
  expect(renewalConnection({ execute: async () => [] })).toBeNull();
  expect(renewalConnection(drizzle({ client: new pg.Client({ connectionString: url }) }))).toBeNull();
});
