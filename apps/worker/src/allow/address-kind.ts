import ipaddr from "ipaddr.js";

/** A range of addresses: its first address, and how many of the leading bits all of its addresses share. */
export type AddressRange = ReturnType<typeof ipaddr.parseCIDR>;

/** The addresses that the Internet assigns to machines: all of IPv6 that is routed now, by RFC 4291. */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * The addresses at which clouds tell a machine its own credentials: AWS, Google and most others; AWS over IPv6;
 * Alibaba; Azure; Oracle. Azure's address looks public.
 */
const METADATA: ReadonlySet<string> = new Set([
  "169.254.169.254",
  "fd00:ec2::254",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
]);

/** Plain words for the names that ipaddr.js has for ranges. Other names are words already, such as `private`. */
const WORDS: ReadonlyMap<string, string> = new Map([
  ["linkLocal", "link-local"],
  ["uniqueLocal", "unique local"],
  ["carrierGradeNat", "carrier-grade NAT"],
  ["deprecatedSiteLocal", "site-local"],
  ["ipv4Mapped", "IPv4-mapped"],
  ["rfc6052", "NAT64"],
  ["rfc6145", "IPv4-translated"],
]);

/**
 * Returns `public` for an address that belongs to the public Internet. For any other address, returns a word for its
 * kind, such as `loopback`, `private`, `metadata` or `NAT64`. An IPv6 address that holds an IPv4 address is not public,
 * whatever address it holds. `address` is an address as Node's resolver returns it.
 */
export function addressKind(address: string): string {
  const parsed = readAddress(address);
  if (METADATA.has(parsed.toString())) return "metadata";
  const range = parsed.range();
  if (range !== "unicast") return WORDS.get(range) ?? range;
  if (address.includes("%")) return "link-local";
  if (parsed instanceof ipaddr.IPv6 && !parsed.match(GLOBAL_IPV6)) return "reserved";
  return "public";
}

/** Whether a range has an address. An IPv4 range has no IPv6 address, not even one that holds an IPv4 address. */
export function inRange(address: string, range: AddressRange): boolean {
  const parsed = readAddress(address);
  return parsed.kind() === range[0].kind() && !address.includes("%") && parsed.match(range);
}

/**
 * Reads an address without its zone. A zone is the name of a network interface, such as `br-lan` or `eth0.100`, and
 * ipaddr.js reads letters and digits alone.
 */
function readAddress(address: string): ReturnType<typeof ipaddr.parse> {
  return ipaddr.parse(address.replace(/%.*$/s, ""));
}
