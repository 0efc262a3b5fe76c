import { databaseHosts, reasonOf } from "@millrace/base";

/**
 * Whether a text is a PostgreSQL URL, of one host or of several, without a character that should be percent-encoded.
 */
export function isDatabaseUrl(text: string): boolean {
  const { urls } = hostsOf(text);
  return urls?.every(isUrlOfOneHost) === true;
}

/** The URL of each host, or why the list of hosts cannot be read. */
function hostsOf(text: string): { urls?: readonly string[]; problem?: string } {
  try {
    return { urls: databaseHosts(text).urls };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

function isUrlOfOneHost(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^postgres(?:ql)?:$/.test(url.protocol) && !isCutShort(url);
}

/**
 * Returns a hint when the list of hosts, or a missing percent-encoding, may be the reason that the text is refused;
 * undefined otherwise. The hint does not quote the text, because the text may contain a password anywhere.
 */
export function urlHint(text: string): string | undefined {
  if (isDatabaseUrl(text) || !/^postgres(?:ql)?:\/\//i.test(text)) return undefined;
  const { problem } = hostsOf(text);
  if (problem !== undefined) return problem;
  return "percent-encode # / ? @ and % in a user name or password: %23 %2F %3F %40 %25";
}

/** A bare # / or ? in a password ends the address too early, so that the host is wrong. A bare % cannot be decoded. */
function isCutShort(url: URL): boolean {
  return (
    url.hash !== "" ||
    url.pathname.includes("@") ||
    [...url.searchParams.keys()].some((key) => key.includes("@")) ||
    ![url.username, url.password, url.host, url.pathname].every(isDecodable)
  );
}

function isDecodable(part: string): boolean {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    // decodeURIComponent throws for a stray %.
    return false;
  }
}
