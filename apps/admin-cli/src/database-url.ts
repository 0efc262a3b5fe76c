import { databaseHosts, reasonOf } from "@millrace/base";
import type { CommandIo } from "./command-io.ts";
import { escapeControl } from "./output/escape-control.ts";
import { UsageError } from "./usage-error.ts";

const EXPECTED =
  "expected postgres://host:port/database, with user:password@ before the host where needed, " +
  "and with commas between several hosts";

/**
 * Returns the URL of the database: the option, else MILLRACE_DATABASE_URL, else DATABASE_URL. Throws `UsageError` when
 * no URL is given, or the URL cannot be used.
 */
export function chooseDatabaseUrl(option: string | undefined, env: CommandIo["env"]): string {
  const candidates = [
    ["--database-url", option],
    ["MILLRACE_DATABASE_URL", env["MILLRACE_DATABASE_URL"]],
    ["DATABASE_URL", env["DATABASE_URL"]],
  ] as const;
  for (const [source, value] of candidates) {
    // An empty option is a mistake, such as an unset shell variable. An empty variable counts as not set.
    if (value !== undefined && (value !== "" || source === "--database-url")) return checked(source, value);
  }
  throw new UsageError("No database: give --database-url, or set MILLRACE_DATABASE_URL or DATABASE_URL.");
}

/** Where a database is, in words for people. */
export interface DatabaseLocation {
  readonly host: string;
  readonly database: string;
}

/** Formats a location for people: `database shop on db.example.com`. */
export function locationText({ host, database }: DatabaseLocation): string {
  return `database ${escapeControl(database)} on ${escapeControl(host)}`;
}

/** Returns hosts, ports and database of a checked URL, for messages. Leaves out user, password and parameters. */
export function describeDatabase(databaseUrl: string): string {
  const urls = databaseHosts(databaseUrl).urls.map(parse);
  const hosts = urls.map((url) => decodeURIComponent(url?.searchParams.get("host") ?? url?.host ?? ""));
  return `${hosts.join() || "localhost"}${urls[0]?.pathname ?? ""}`;
}

/** No message contains the value, because the value may contain a password. */
function checked(source: string, value: string): string {
  for (const url of urlsOf(source, value)) checkOne(source, url);
  return value;
}

/** The URL of each host. */
function urlsOf(source: string, value: string): readonly string[] {
  try {
    return databaseHosts(value).urls;
  } catch (error) {
    throw new UsageError(`${source} cannot be read: ${reasonOf(error)}.`);
  }
}

function checkOne(source: string, value: string): void {
  const url = parse(value);
  if (url === undefined) throw new UsageError(`${source} is not a PostgreSQL URL; ${EXPECTED}.`);
  // After a bare # or / in a password, the rest of the password counts as the path, and the host is wrong.
  if (url.hash !== "" || url.pathname.includes("@") || !decodable(url)) {
    throw new UsageError(
      `${source} has a character that must be percent-encoded, such as # / @ or % in the password; ${EXPECTED}.`,
    );
  }
}

function parse(value: string): URL | undefined {
  if (!/^postgres(ql)?:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  return new URL(value);
}

function decodable(url: URL): boolean {
  try {
    for (const part of [url.username, url.password, url.host, url.pathname]) decodeURIComponent(part);
    return true;
  } catch {
    // decodeURIComponent throws for a stray %, as the driver does.
    return false;
  }
}
