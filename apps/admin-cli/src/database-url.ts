import type { CommandIo } from "./command-io.ts";
import { UsageError } from "./usage-error.ts";

const EXPECTED = "expected postgres://host:port/database, with user:password@ before the host where needed";

/** The database to use: the option, else MILLRACE_DATABASE_URL, else DATABASE_URL. Throws `UsageError`. */
export function chooseDatabaseUrl(option: string | undefined, env: CommandIo["env"]): string {
  const candidates = [
    ["--database-url", option],
    ["MILLRACE_DATABASE_URL", env["MILLRACE_DATABASE_URL"]],
    ["DATABASE_URL", env["DATABASE_URL"]],
  ] as const;
  for (const [source, value] of candidates) {
    // An option given as "" is a mistake (an unset shell variable); an empty variable is as good as none.
    if (value !== undefined && (value !== "" || source === "--database-url")) return checked(source, value);
  }
  throw new UsageError("No database: give --database-url, or set MILLRACE_DATABASE_URL or DATABASE_URL.");
}

/** Host, port and database of a checked URL, for messages; never its user, password or parameters. */
export function describeDatabase(databaseUrl: string): string {
  const url = parse(databaseUrl);
  const host = url?.searchParams.get("host") ?? url?.host ?? "";
  return `${decodeURIComponent(host) || "localhost"}${url?.pathname ?? ""}`;
}

/** The value itself is never part of a message: it may hold a password. */
function checked(source: string, value: string): string {
  const url = parse(value);
  if (url === undefined) throw new UsageError(`${source} is not a PostgreSQL URL; ${EXPECTED}.`);
  // A bare # or / in a password moves the rest of it into the path, and a wrong host into every message.
  if (url.hash !== "" || url.pathname.includes("@") || !decodable(url)) {
    throw new UsageError(
      `${source} has a character that must be percent-encoded, such as # / @ or % in the password; ${EXPECTED}.`,
    );
  }
  return value;
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
    // decodeURIComponent throws for a stray %, and the driver would too.
    return false;
  }
}
