import { expect, test } from "vitest";
import { encodingHint, isDatabaseUrl } from "./database-url.ts";

test.each([
  "postgres://app:s3cret@db.example:5432/app",
  "postgresql://db/app?user=app&password=p@ss",
  "postgres:///app?host=/run/postgresql",
  "postgres://app:p%23ss%2Fw%40rd%25%3F@db/app",
  "postgres://%2Frun%2Fpostgresql/app",
])("%s is a database URL", (text) => {
  expect(isDatabaseUrl(text)).toBe(true);
  expect(encodingHint(text)).toBeUndefined();
});

test.each(["p#ss", "1#ss", "p/ss", "1/ss", "p?ss", "1?ss", "p%ss", "p#ss/w@rd"])(
  "a URL with the bare password %s is refused with a hint that does not show it",
  (password) => {
    const text = `postgres://app:${password}@db.example:5432/app`;

    expect(isDatabaseUrl(text)).toBe(false);
    expect(encodingHint(text)).toContain("percent-encode");
    expect(encodingHint(text)).not.toContain(password);
  },
);

test.each(["mysql://app:s3cret@db/app", "app:s3cret@db/app", "postgres//db"])(
  "%s is refused without that hint: it is no such URL at all",
  (text) => {
    expect(isDatabaseUrl(text)).toBe(false);
    expect(encodingHint(text)).toBeUndefined();
  },
);
