import { expect, test } from "vitest";
import { databaseAddress } from "./database-address.ts";

test.each([
  ["postgres://app:s3cret@db.example:5432/app?sslpassword=s3cret", "postgres://app@db.example:5432/app"],
  ["postgresql://db/app?password=s3cret&user=app", "postgresql://db/app"],
  ["postgres:///app?host=/run/postgresql", "postgres:///run/postgresql/app"],
  ["postgres://app:s3cret@db-a:5432,db-b/app?x=s3cret", "postgres://app@db-a:5432,db-b/app"],
  ["app:s3cret@db", "a text that is not such a URL (not shown)"],
])("a database URL is shown without any secret", (url, shown) => {
  expect(databaseAddress(url)).toBe(shown);
  expect(shown).not.toContain("s3cret");
});
