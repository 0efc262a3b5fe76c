import { plainAnswer } from "../page/plain-answer.ts";

/** Whether a header `host` names this machine by a loopback name: localhost, 127.x.x.x or [::1], with any port. */
export function isLoopbackHost(host: string | null): boolean {
  if (host === null) return false;
  const name = host.replace(/:\d{1,5}$/, "").toLowerCase();
  return (
    name === "localhost" ||
    name === "[::1]" ||
    /^127(?:\.(?:\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])){3}$/.test(name)
  );
}

/** Whether an address to listen at can be reached from this machine alone. */
export function isLoopbackAddress(address: string): boolean {
  return isLoopbackHost(address.includes(":") ? `[${address}]` : address);
}

/**
 * Refuses requests that name another host than this machine. A page of another site can make its own name mean
 * 127.0.0.1 (DNS rebinding), and then its requests look like requests of this server's pages. The header `host` tells.
 */
export function loopbackHostsOnly(
  handler: (request: Request) => Promise<Response>,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const host = request.headers.get("host");
    if (isLoopbackHost(host)) return handler(request);
    return plainAnswer(421, REFUSAL);
  };
}

const REFUSAL =
  "This server answers to localhost and 127.0.0.1 alone, because it asks for no token. " +
  "To reach it by another name, start it with a token.";
