import { databaseHosts } from "@millrace/base";
import { isDatabaseUrl } from "./database-url.ts";

/**
 * Returns the parts of a database URL that messages may show: user, hosts, ports and database, without password and
 * parameters. Hides a text that is no PostgreSQL URL, because the text may contain a password anywhere.
 */
export function databaseAddress(databaseUrl: string): string {
  const urls = isDatabaseUrl(databaseUrl) ? databaseHosts(databaseUrl).urls : [databaseUrl];
  const parsed = urls.map((url) => URL.parse(url));
  const [url] = parsed;
  if (url == null || !/^postgres(?:ql)?:$/.test(url.protocol))
    return "a text that is not such a URL (not shown)";
  const user = url.username === "" ? "" : `${url.username}@`;
  const host =
    url.host === "" ? (url.searchParams.get("host") ?? "") : parsed.map((each) => each?.host).join();
  return `${url.protocol}//${user}${host}${url.pathname}`;
}
