import { InvalidOptionError } from "../errors.ts";

/** The servers that a database URL names. */
export interface DatabaseHosts {
  /** A URL for each host, as the pg driver takes it, in the order of the list. */
  readonly urls: readonly string[];
  /** Whether only a server that takes writes will do. */
  readonly writable: boolean;
}

const TARGET = "target_session_attrs";

/** What `target_session_attrs` may be, and whether the value asks for a server that takes writes. */
const TARGETS: ReadonlyMap<string, boolean> = new Map([
  ["any", false],
  ["read-write", true],
  ["primary", true],
]);

/**
 * Splits a database URL that names several hosts, as libpq takes it, into a URL for each host:
 * `postgres://app@a:5432,b:5433/app?target_session_attrs=read-write`. All hosts share user, password, database and
 * parameters. A URL of one host, and a text that is no PostgreSQL URL, is its own and only URL.
 *
 * Without `target_session_attrs`, several hosts mean `read-write`, because Millrace writes, and one host means `any`.
 * Throws `InvalidOptionError` for another value, for an empty host in a list, and for a list in the parameter `host`.
 */
export function databaseHosts(url: string): DatabaseHosts {
  const [, scheme = "", authority = "", rest = ""] =
    /^(postgres(?:ql)?:\/\/)([^/?#]*)(.*)$/is.exec(url) ?? [];
  if (scheme === "") return { urls: [url], writable: false };
  const afterUser = authority.lastIndexOf("@") + 1;
  const user = authority.slice(0, afterUser);
  const hosts = authority.slice(afterUser).split(",");
  const [path = "", query = ""] = rest.split(/\?(.*)/s, 2);
  const parameters = query === "" ? [] : query.split("&");
  if (hosts.length > 1 && hosts.some((host) => host === "" || host.startsWith(":"))) {
    throw new InvalidOptionError("connectionString", { message: "The list of hosts has an empty host." });
  }
  if (parameters.some((parameter) => /^host=.*(?:,|%2c)/i.test(parameter))) {
    const message = "Several hosts must stand before the path: postgres://a:5432,b:5432/database.";
    throw new InvalidOptionError("connectionString", { message });
  }
  const target = parameters.findLast((parameter) => nameOf(parameter) === TARGET)?.slice(TARGET.length + 1);
  const kept = parameters.filter((parameter) => nameOf(parameter) !== TARGET);
  const end = kept.length === 0 ? path : `${path}?${kept.join("&")}`;
  return {
    urls: hosts.map((host) => `${scheme}${user}${host}${end}`),
    writable: target === undefined ? hosts.length > 1 : isWritable(target),
  };
}

function nameOf(parameter: string): string {
  return parameter.split("=", 1)[0] ?? "";
}

function isWritable(target: string): boolean {
  const writable = TARGETS.get(target);
  if (writable !== undefined) return writable;
  throw new InvalidOptionError(TARGET, `one of ${[...TARGETS.keys()].join(", ")}`, target);
}
