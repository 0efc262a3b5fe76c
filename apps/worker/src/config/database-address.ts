/**
 * A database URL as it may be shown: user, host, port and database, never a password or a parameter. Text that is
 * no URL is not shown at all, since a password may stand anywhere in it.
 */
export function databaseAddress(databaseUrl: string): string {
  const url = URL.parse(databaseUrl);
  if (url === null || !/^postgres(?:ql)?:$/.test(url.protocol))
    return "a text that is not such a URL (not shown)";
  const user = url.username === "" ? "" : `${url.username}@`;
  const host = url.host === "" ? (url.searchParams.get("host") ?? "") : url.host;
  return `${url.protocol}//${user}${host}${url.pathname}`;
}
