import { expect, it } from "vitest";
import { databaseUrl } from "./database-url.ts";

it.each([
  ["postgres://u:p%40@h:5433/postgres?sslmode=disable", "postgres://u:p%40@h:5433/x?sslmode=disable"],
  ["postgres://h", "postgres://h/x"],
  ["postgresql://u@localhost/db?host=/run/postgresql", "postgresql://u@localhost/x?host=/run/postgresql"],
])("only the database of %s changes", (serverUrl, expected) => {
  expect(databaseUrl(serverUrl, "x")).toBe(expected);
});
