import { describe, expect, test } from "vitest";
import { chooseDatabaseUrl, describeDatabase } from "./database-url.ts";

describe("chooseDatabaseUrl", () => {
  const env = { MILLRACE_DATABASE_URL: "postgres://own/db", DATABASE_URL: "postgres://common/db" };

  test("the option comes before MILLRACE_DATABASE_URL, and that before DATABASE_URL", () => {
    expect(chooseDatabaseUrl("postgres://option/db", env)).toBe("postgres://option/db");
    expect(chooseDatabaseUrl(undefined, env)).toBe("postgres://own/db");
    expect(chooseDatabaseUrl(undefined, { ...env, MILLRACE_DATABASE_URL: "" })).toBe("postgres://common/db");
  });

  test("without any of them, all three are named", () => {
    expect(() => chooseDatabaseUrl(undefined, {})).toThrow(
      "No database: give --database-url, or set MILLRACE_DATABASE_URL or DATABASE_URL.",
    );
  });

  test("an option that is given and empty does not fall back to another database", () => {
    expect(() => chooseDatabaseUrl("", env)).toThrow("--database-url is not a PostgreSQL URL");
  });

  test.each([
    "postgresql:///db?host=/run/postgresql",
    "postgres://u:p%40%23@h:5432/db?sslmode=require",
    "postgres://[::1]:5432/db",
    "postgres://%2Frun%2Fpostgresql/db",
    "postgres://u:p@a:5432,b:5433/db?target_session_attrs=read-write",
  ])("%s is taken as it is", (url) => {
    expect(chooseDatabaseUrl(url, {})).toBe(url);
  });

  test.each([
    "secret",
    "mysql://u:secret@h/db",
    "postgres://u:secret@h:port/db",
    "postgres://u:1#secret@h/db",
    "postgres://u:1/secret@h/db",
    "postgres://u:%zzsecret@h/db",
    "postgres://u:secret@a,b:port/db",
    "postgres://u:secret@a,,b/db",
    "postgres://u:secret@a,b/db?target_session_attrs=standby",
  ])("%s is refused, without being repeated", (url) => {
    expect(() => chooseDatabaseUrl(undefined, { DATABASE_URL: url })).toThrow(/^DATABASE_URL (?!.*secret)/);
  });
});

test.each([
  ["postgres://u:secret@h:5433/db?password=secret", "h:5433/db"],
  ["postgresql:///db?host=/run/postgresql", "/run/postgresql/db"],
  ["postgres://%2Frun%2Fpostgresql/db", "/run/postgresql/db"],
  ["postgres:///db", "localhost/db"],
  ["postgres://u:secret@a:5432,b/db", "a:5432,b/db"],
])("%s is described as %s", (url, expected) => {
  expect(describeDatabase(url)).toBe(expected);
});
