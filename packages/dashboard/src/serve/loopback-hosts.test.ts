import { describe, expect, test } from "vitest";
import { isLoopbackAddress, isLoopbackHost, loopbackHostsOnly } from "./loopback-hosts.ts";

describe("a header host", () => {
  test.each([
    "localhost",
    "LOCALHOST:3939",
    "127.0.0.1",
    "127.0.0.1:80",
    "127.8.9.10:1",
    "[::1]",
    "[::1]:3939",
  ])("%s is this machine", (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  });

  test.each([
    null,
    "",
    "evil.example",
    "localhost.evil.example",
    "evil.example:127.0.0.1",
    "127.0.0.1.evil.example",
    "127.0.0.1:80:80",
    "127.0.0.1@evil.example",
    "0.0.0.0",
    "10.0.0.1",
    "127.0.0.256",
    "127.999.999.999",
    "127.0.0.01",
    "[::]",
    "::1",
    "localhost:",
  ])("%j is not", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});

test.each([
  ["127.0.0.1", true],
  ["localhost", true],
  ["::1", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.7", false],
  ["ops.example.com", false],
])("listening at %s is for this machine alone: %j", (address, alone) => {
  expect(isLoopbackAddress(address)).toBe(alone);
});

test("a page of a site that took the name of this machine's address reaches nothing", async () => {
  const reached: string[] = [];
  const guarded = loopbackHostsOnly(async (request) => {
    reached.push(request.url);
    return new Response("secret");
  });
  const ask = (host: string) => guarded(new Request("http://127.0.0.1:3939/api/jobs", { headers: { host } }));

  const rebound = await ask("evil.example:3939");

  expect(rebound.status).toBe(421);
  expect(rebound.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(rebound.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await rebound.text()).not.toContain("secret");
  expect(reached).toEqual([]);
  expect(await (await ask("127.0.0.1:3939")).text()).toBe("secret");
});
