import { expect, test } from "vitest";
import { databaseHosts } from "./database-hosts.ts";

test.each([
  ["postgres://a,b/app", ["postgres://a/app", "postgres://b/app"]],
  [
    "postgresql://u:p%2Fw@a:5432,b:5433/app?sslmode=require",
    ["postgresql://u:p%2Fw@a:5432/app?sslmode=require", "postgresql://u:p%2Fw@b:5433/app?sslmode=require"],
  ],
  ["postgres://u:p,w@a,[::1]:5432/app", ["postgres://u:p,w@a/app", "postgres://u:p,w@[::1]:5432/app"]],
  [
    "postgres://%2Frun%2Fone,%2Frun%2Ftwo/app?user=u",
    ["postgres://%2Frun%2Fone/app?user=u", "postgres://%2Frun%2Ftwo/app?user=u"],
  ],
  ["postgres://a,b", ["postgres://a", "postgres://b"]],
])("%s names several hosts, of which only one that takes writes will do", (url, urls) => {
  expect(databaseHosts(url)).toEqual({ urls, writable: true });
});

test.each([
  "postgres://u:p@a:5432/app?application_name=x",
  "postgres:///app?host=/run/postgresql",
  "postgres://u:p,w@a/app",
  "/run/postgresql app",
  "socket:/run/postgresql?db=app",
  "no url",
])("%s is its own and only URL", (url) => {
  expect(databaseHosts(url)).toEqual({ urls: [url], writable: false });
});

test.each([
  ["postgres://a,b/app?target_session_attrs=any", ["postgres://a/app", "postgres://b/app"], false],
  ["postgres://a,b/app?target_session_attrs=primary", ["postgres://a/app", "postgres://b/app"], true],
  ["postgres://a/app?x=1&target_session_attrs=read-write&y=2", ["postgres://a/app?x=1&y=2"], true],
  ["postgres://a/app?target_session_attrs=any", ["postgres://a/app"], false],
])("%s says which servers will do, and the driver is not told", (url, urls, writable) => {
  expect(databaseHosts(url)).toEqual({ urls, writable });
});

test.each([
  ["postgres://a,b/app?target_session_attrs=standby", "one of any, read-write, primary"],
  ["postgres://a,,b/app", "empty host"],
  ["postgres://a,:5433/app", "empty host"],
  ["postgres:///app?host=a,b", "before the path"],
])("%s is refused, and says why", (url, why) => {
  expect(() => databaseHosts(url)).toThrow(why);
  expect(() => databaseHosts(url)).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
});
