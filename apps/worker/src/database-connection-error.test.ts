import { expect, test } from "vitest";
import { DatabaseConnectionError } from "./database-connection-error.ts";

const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

test.each([
  ["postgres://app:s3cret@db.example:6432/shop", "db.example:6432/shop"],
  ["postgres://app:s3cret@db.example/shop?password=s3cret", "db.example:5432/shop"],
  ["postgres://app:s3cret@/shop?host=/run/postgresql", "/run/postgresql:5432/shop"],
  ["postgres://app:s3cret@db.example", "db.example:5432/app"],
])("a refused connection names host, port and database, and no password", (url, shown) => {
  const error = new DatabaseConnectionError(url, coded("connect ECONNREFUSED", "ECONNREFUSED"));

  expect(error.message).toBe(`Cannot connect to the database at ${shown}: connect ECONNREFUSED.`);
});

test.each([
  ["28P01", "Correct the user or the password in the database URL."],
  ["3D000", "Create the database, or correct its name in the database URL."],
])("SQLSTATE %s comes with its remedy", (code, remedy) => {
  const error = new DatabaseConnectionError("postgres://db/app", coded("no.", code));

  expect(error.message).toMatch(/: no\. /);
  expect(error.message).toContain(remedy);
});
