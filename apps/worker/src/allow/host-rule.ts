import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { type AddressRange, addressKind, inRange } from "./address-kind.ts";

/** One entry of the setting `httpHosts`. */
export interface HostRule {
  /** Which hosts of URLs the entry names. */
  host:
    | { kind: "any" }
    | { kind: "name"; name: string }
    /** `suffix` begins with a dot: `.example.com` for `*.example.com`. */
    | { kind: "below"; suffix: string }
    | { kind: "range"; range: AddressRange };
  /** The port; null for all ports. */
  port: number | null;
  /** Addresses that the host may have besides public ones; null for none. */
  at: AddressRange | null;
}

/** What is asked for: the host of a URL, without brackets, and its port. */
export interface HostPort {
  host: string;
  port: number;
}

/**
 * Reads an entry of `httpHosts`: `*`, a name, `*.` and a name, an address, or a range of addresses as CIDR. A port may
 * follow after a colon; an IPv6 address then stands in brackets. After `=`, an address or a range may follow that a
 * name may have, although it is not public. Returns null for any other text.
 */
export function parseHostRule(text: string): HostRule | null {
  const [target = "", at, ...rest] = text.trim().split("=");
  const range = at === undefined ? null : readRange(at);
  if (rest.length > 0 || (at !== undefined && range === null)) return null;
  const { name, port } = splitPort(target);
  const host = readHost(name);
  if (host === null || port === undefined) return null;
  if (range !== null && host.kind === "range") return null;
  return { host, port, at: range };
}

/** Whether the rules name the host. The host's addresses are to be checked as well, by `allowsAddress`. */
export function allowsHost(rules: readonly HostRule[], asked: HostPort): boolean {
  return rules.some((rule) => names(rule, asked));
}

/**
 * Whether a host that the rules name may be reached at an address: the address is public, or one of the rules has the
 * address. For a host that is an address, `address` is the host.
 */
export function allowsAddress(rules: readonly HostRule[], asked: HostPort, address: string): boolean {
  const named = rules.filter((rule) => names(rule, asked));
  if (named.length === 0) return false;
  if (addressKind(address) === "public") return true;
  return (
    named.some((rule) => rule.at !== null && inRange(address, rule.at)) ||
    rules.some((rule) => names(rule, { ...asked, host: address }) && rule.host.kind === "range")
  );
}

function names({ host: named, port }: HostRule, asked: HostPort): boolean {
  if (port !== null && port !== asked.port) return false;
  // A final dot marks a name as complete, and means the same host.
  const host = asked.host.toLowerCase().replace(/\.$/, "");
  switch (named.kind) {
    case "any":
      return true;
    case "name":
      return host === named.name;
    case "below":
      return host.endsWith(named.suffix);
    case "range":
      return isIP(host) !== 0 && inRange(host, named.range);
    default:
      return named satisfies never;
  }
}

/** Splits a port off. The port is undefined when it is no port. */
function splitPort(target: string): { name: string; port: number | null | undefined } {
  const { v6, name, port } =
    /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::(?<port>\d{1,5}))?$/.exec(target)?.groups ?? {};
  // An IPv6 address without brackets, which has no port.
  if (v6 === undefined && name === undefined) return { name: target, port: null };
  const number = port === undefined ? null : Number(port);
  const inBrackets = v6 === undefined || v6.includes(":");
  const right = inBrackets && (number === null || (number >= 1 && number <= 65_535));
  return { name: v6 ?? name ?? "", port: right ? number : undefined };
}

function readHost(text: string): HostRule["host"] | null {
  if (text === "*") return { kind: "any" };
  const range = readRange(text);
  if (range !== null) return { kind: "range", range };
  const below = text.startsWith("*.");
  const name = readName(below ? text.slice(2) : text);
  if (name === null) return null;
  return below ? { kind: "below", suffix: `.${name}` } : { kind: "name", name };
}

/** Reads an address, or a range as CIDR. Other ways to write an address, such as `0x7f.1`, are no address here. */
function readRange(text: string): AddressRange | null {
  const [address = "", bits] = text.split("/");
  const version = text.includes("%") ? 0 : isIP(address);
  if (version === 0) return null;
  if (bits === undefined) return ipaddr.parseCIDR(`${address}/${version === 4 ? 32 : 128}`);
  return /^\d{1,3}$/.test(bits) && ipaddr.isValidCIDR(text) ? ipaddr.parseCIDR(text) : null;
}

/** Returns a host's name as URLs have it: in lower case, and with the ASCII form of other letters. */
function readName(text: string): string | null {
  if (!/^[^\s/\\?#@:*[\]%]+$/.test(text)) return null;
  const host = URL.parse(`http://${text}/`)?.hostname.replace(/\.$/, "") ?? "";
  // A URL reads `2130706433` and `0x7f.1` as the address 127.0.0.1.
  return host === "" || isIP(host) !== 0 ? null : host;
}
