import { describe, expect, test } from "vitest";
import { allowsAddress, allowsHost, type HostRule, parseHostRule } from "./host-rule.ts";

function rules(...entries: string[]): HostRule[] {
  return entries.map((entry) => {
    const rule = parseHostRule(entry);
    if (rule === null) throw new Error(`${entry} is no entry`);
    return rule;
  });
}

const at = (host: string, port = 443) => ({ host, port });

describe("an entry of httpHosts", () => {
  test.each([
    "",
    "http://api.example.com",
    "api.example.com/path",
    "api.example.com:0",
    "api.example.com:65536",
    "api.example.com:http",
    "api.*.com",
    "*api.example.com",
    "*.",
    "user@example.com",
    "10.0.0.0/33",
    "10.0.0/8",
    "256.0.0.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "fe80::1%eth0",
    "[fe80::1%25eth0]",
    "[api.example.com]",
    "[10.0.0.5]:80",
    "api.example.com=",
    "api.example.com=db.internal",
    "api.example.com=10.0.0.5=10.0.0.6",
    "10.0.0.5=10.0.0.6",
    "a b",
  ])("cannot be %j", (text) => {
    expect(parseHostRule(text)).toBeNull();
  });

  test.each([
    ["api.example.com", "API.example.com."],
    ["API.Example.com.", "api.example.com"],
    ["bücher.example", "xn--bcher-kva.example"],
    ["*.example.com", "a.b.example.com"],
    ["*", "any.example"],
    ["*", "8.8.8.8"],
    ["10.0.0.5", "10.0.0.5"],
    ["10.0.0.0/8", "10.1.2.3"],
    ["fd00::1", "fd00:0:0:0::1"],
    ["[fd00::1]:443", "fd00::1"],
    ["[fd00::/8]:443", "fd12::1"],
    ["fd00::/8", "fd12::1"],
    ["api.example.com:443", "api.example.com"],
  ])("%s names the host %s", (entry, host) => {
    expect(allowsHost(rules(entry), at(host))).toBe(true);
  });

  test.each([
    ["api.example.com", "api.example.com.evil.example"],
    ["api.example.com", "evil-api.example.com"],
    ["*.example.com", "example.com"],
    ["*.example.com", "evilexample.com"],
    ["api.example.com:8080", "api.example.com"],
    ["[fd00::1]:8080", "fd00::1"],
    ["10.0.0.0/8", "11.0.0.1"],
    ["127.0.0.1", "localhost"],
    ["127.0.0.1", "::ffff:127.0.0.1"],
  ])("%s does not name the host %s", (entry, host) => {
    expect(allowsHost(rules(entry), at(host))).toBe(false);
  });
});

describe("a host that is named may have", () => {
  test("a public address", () => {
    expect(allowsAddress(rules("api.example.com"), at("api.example.com"), "8.8.8.8")).toBe(true);
    expect(allowsAddress(rules("*"), at("8.8.8.8"), "8.8.8.8")).toBe(true);
  });

  test("no other address, whatever names it", () => {
    for (const address of ["10.0.0.5", "169.254.169.254", "::1", "::ffff:10.0.0.5", "64:ff9b::a00:5"]) {
      expect(allowsAddress(rules("api.example.com"), at("api.example.com"), address)).toBe(false);
      expect(allowsAddress(rules("*"), at(address), address)).toBe(false);
      expect(allowsAddress(rules("*.example.com"), at("x.example.com"), address)).toBe(false);
    }
  });

  test("an address of its own entry, for this host alone", () => {
    const own = rules("billing.internal=10.96.0.0/12", "*");

    expect(allowsAddress(own, at("billing.internal"), "10.96.0.7")).toBe(true);
    expect(allowsAddress(own, at("billing.internal"), "10.1.0.7")).toBe(false);
    expect(allowsAddress(own, at("other.internal"), "10.96.0.7")).toBe(false);
    expect(allowsAddress(own, at("10.96.0.7"), "10.96.0.7")).toBe(false);
  });

  test("an address that an entry names by itself, at its port", () => {
    const byAddress = rules("*", "10.0.0.5:8080");

    expect(allowsAddress(byAddress, at("db.example", 8080), "10.0.0.5")).toBe(true);
    expect(allowsAddress(byAddress, at("db.example", 5432), "10.0.0.5")).toBe(false);
  });

  test("nothing, if it is not named", () => {
    expect(allowsAddress(rules("10.0.0.0/8"), at("evil.example"), "10.0.0.5")).toBe(false);
    expect(allowsAddress([], at("8.8.8.8"), "8.8.8.8")).toBe(false);
  });
});
