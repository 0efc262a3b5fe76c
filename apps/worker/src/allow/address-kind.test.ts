import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { addressKind, inRange } from "./address-kind.ts";

describe("an address is public", () => {
  test.each(["8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])(
    "%s",
    (address) => {
      expect(addressKind(address)).toBe("public");
    },
  );
});

describe("an address is not public", () => {
  test.each([
    ["127.0.0.1", "loopback"],
    ["127.255.255.254", "loopback"],
    ["0.0.0.0", "unspecified"],
    ["10.0.0.5", "private"],
    ["172.16.0.1", "private"],
    ["172.31.255.255", "private"],
    ["192.168.1.1", "private"],
    ["169.254.1.1", "link-local"],
    ["169.254.169.254", "metadata"],
    ["100.100.100.200", "metadata"],
    ["168.63.129.16", "metadata"],
    ["192.0.0.192", "metadata"],
    ["100.64.0.1", "carrier-grade NAT"],
    ["224.0.0.1", "multicast"],
    ["255.255.255.255", "broadcast"],
    ["198.18.0.1", "reserved"],
    ["192.0.2.1", "reserved"],
    ["240.0.0.1", "reserved"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["fe80::1", "link-local"],
    ["fe80::1%eth0", "link-local"],
    ["2606:4700::1111%eth0", "link-local"],
    ["fec0::1", "site-local"],
    ["fd00::1", "unique local"],
    ["fd00:ec2::254", "metadata"],
    ["ff02::1", "multicast"],
    ["::ffff:127.0.0.1", "IPv4-mapped"],
    ["::ffff:8.8.8.8", "IPv4-mapped"],
    ["::ffff:a9fe:a9fe", "IPv4-mapped"],
    ["::7f00:1", "reserved"],
    ["64:ff9b::7f00:1", "NAT64"],
    ["64:ff9b:1::7f00:1", "NAT64"],
    ["2002:7f00:1::", "6to4"],
    ["2001::1", "teredo"],
    ["2001:db8::1", "reserved"],
    ["4000::1", "reserved"],
    ["fe80::1%br-lan", "link-local"],
    ["fe80::1%eth0.100", "link-local"],
    ["2606:4700::1111%eth0.100", "link-local"],
  ])("%s is %s", (address, kind) => {
    expect(addressKind(address)).toBe(kind);
  });
});

describe("a range", () => {
  const has = (cidr: string, address: string) => inRange(address, ipaddr.parseCIDR(cidr));

  test("has its addresses, and no others", () => {
    expect(has("10.0.0.0/8", "10.255.0.1")).toBe(true);
    expect(has("10.0.0.0/8", "11.0.0.1")).toBe(false);
    expect(has("fd00::/8", "fd12::1")).toBe(true);
    expect(has("fe80::/10", "fe80::1%eth0")).toBe(false);
  });

  test("of IPv4 has no IPv6 address that holds one of its addresses", () => {
    expect(has("127.0.0.0/8", "::ffff:127.0.0.1")).toBe(false);
    expect(has("0.0.0.0/0", "64:ff9b::7f00:1")).toBe(false);
  });
});
