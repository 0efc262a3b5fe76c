/**
 * Returns the parts of a database URL that messages may show: user, host, port and database, without password and
 * parameters. Hides a text that is no PostgreSQL URL, because the text may contain a password anywhere.
 */
export function databaseAddress(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    return "a text that is not such a URL (not shown)";
  const user = url.username === "" ? "" : `${url.username}@`;
  const host = url.host === "" ? (url.searchParams.get("host") ?? "") : url.host;
  return `${url.protocol}//${user}${host}${url.pathname}`;
}
