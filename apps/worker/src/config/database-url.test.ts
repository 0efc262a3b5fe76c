import { expect, test } from "vitest";
import { isDatabaseUrl, urlHint } from "./database-url.ts";

test.each([
  "postgres://app:s3cret@db.example:5432/app",
  "postgresql://db/app?user=app&password=p@ss",
  "postgres:///app?host=/run/postgresql",
  "postgres://app:p%23ss%2Fw%40rd%25%3F@db/app",
  "postgres://%2Frun%2Fpostgresql/app",
  "postgres://app:s3cret@db-a:5432,db-b:5433/app?target_session_attrs=read-write",
  "postgres://db-a,[::1]:5433/app",
])("%s is a database URL", (text) => {
  expect(isDatabaseUrl(text)).toBe(true);
  expect(urlHint(text)).toBeUndefined();
});

test.each(["p#ss", "1#ss", "p/ss", "1/ss", "p?ss", "1?ss", "p%ss", "p#ss/w@rd"])(
  "a URL with the bare password %s is refused with a hint that does not show it",
  (password) => {
    const text = `postgres://app:${password}@db.example:5432/app`;

    expect(isDatabaseUrl(text)).toBe(false);
    expect(urlHint(text)).toContain("percent-encode");
    expect(urlHint(text)).not.toContain(password);
  },
);

test.each([
  ["postgres://app:s3cret@db-a,,db-b/app", "empty host"],
  ["postgres://app:s3cret@db-a,db-b/app?target_session_attrs=standby", "any, read-write, primary"],
  ["postgres://app:s3cret@db-a:5432,db-b:port/app", "percent-encode"],
])("%s has a list of hosts that is refused with a reason that shows no secret", (text, why) => {
  expect(isDatabaseUrl(text)).toBe(false);
  expect(urlHint(text)).toContain(why);
  expect(urlHint(text)).not.toContain("s3cret");
});

test.each(["mysql://app:s3cret@db/app", "app:s3cret@db/app", "postgres//db"])(
  "%s is refused without that hint: it is no such URL at all",
  (text) => {
    expect(isDatabaseUrl(text)).toBe(false);
    expect(urlHint(text)).toBeUndefined();
  },
);
