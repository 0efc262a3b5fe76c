import { promises as dns, type LookupAddress, type LookupOptions } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import {
  Agent,
  buildConnector,
  type Dispatcher,
  fetch,
  Headers,
  type RequestInit,
  type Response,
} from "undici";
import { addressKind } from "../allow/address-kind.ts";
import {
  allowsAddress,
  allowsHost,
  type HostPort,
  type HostRule,
  parseHostRule,
} from "../allow/host-rule.ts";
import { NotAllowedError, settingText } from "../allow/not-allowed-error.ts";

/** Returns all addresses of a host, as `lookup` of `node:dns/promises` does. */
export type Resolve = (hostname: string, options: LookupOptions) => Promise<LookupAddress[]>;

/** A `fetch` that reaches allowed hosts alone. */
export type AllowedFetch = (url: string, options: RequestInit) => Promise<Response>;

/** The headers of a request that also go to another origin, to which a redirect leads. They tell no secret. */
const SENT_ANYWHERE: ReadonlySet<string> = new Set(["accept", "accept-language", "user-agent"]);

/**
 * Returns a `fetch` that connects only where the entries of `httpHosts` allow.
 *
 * Every connection is checked where it is made, so redirects are checked as well. The connection is made to an address
 * that was checked: the host is resolved once, and Node gets only the addresses that are allowed. A second answer of a
 * name server therefore changes nothing. The `fetch` uses no proxy, because a proxy would resolve the host itself.
 *
 * The headers of `options` go to the origin of the URL alone. A redirect to another origin gets `accept`,
 * `accept-language` and `user-agent` of them: any other header may carry a key, whatever its name is.
 *
 * The promise rejects with an error whose `cause` is a `NotAllowedError` (`NOT_ALLOWED`).
 */
export function createAllowedFetch(hosts: readonly string[], resolve: Resolve = resolveAll): AllowedFetch {
  const rules = hosts.map(parseHostRule).filter((rule) => rule !== null);
  // HTTP/1.1 alone, as the `fetch` of Node.
  const options = { allowH2: false };
  const dispatcher = new Agent({
    ...options,
    connect(target, callback) {
      const asked = hostPort(target);
      const refusal = refusalOf(rules, asked);
      if (refusal !== null) return callback(refusal, null);
      const lookup = allowedLookup(asked, { rules, resolve });
      return buildConnector({ ...options, lookup })(target, callback);
    },
  });
  return (url, { headers, ...init }) => {
    const given = new Headers(headers);
    return fetch(url, { ...init, headers: given, dispatcher: dispatcher.compose(keepHeadersAt(url, given)) });
  };
}

/**
 * Takes the given headers, apart from `SENT_ANYWHERE`, off the requests of one `fetch` that go to another origin than
 * its URL. `fetch` takes off `authorization`, `cookie` and `proxy-authorization` alone.
 */
function keepHeadersAt(url: string, given: Headers): Dispatcher.DispatcherComposeInterceptor {
  const { origin } = new URL(url);
  const kept = new Set([...given.keys()].filter((name) => !SENT_ANYWHERE.has(name)));
  return (dispatch) => (options, handler) => {
    if (options.origin === origin) return dispatch(options, handler);
    // `fetch` gives the dispatcher an object of names and values.
    const sent = Object.entries(options.headers ?? {}).filter(([name]) => !kept.has(name.toLowerCase()));
    return dispatch({ ...options, headers: Object.fromEntries(sent) }, handler);
  };
}

function hostPort({ hostname, port, protocol }: buildConnector.Options): HostPort {
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return { host, port: port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/** Why a host is refused before it is resolved; null if it is not. Node resolves no host that is an address. */
function refusalOf(rules: readonly HostRule[], asked: HostPort): NotAllowedError | null {
  if (!allowsHost(rules, asked)) return unnamedHost(asked);
  if (isIP(asked.host) === 0 || allowsAddress(rules, asked, asked.host)) return null;
  return refusedAddresses(asked, [asked.host]);
}

/** Resolves a host, and returns only the addresses that are allowed. */
function allowedLookup(
  asked: HostPort,
  { rules, resolve }: { rules: readonly HostRule[]; resolve: Resolve },
): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (found: readonly LookupAddress[]) => {
      const allowed = found.filter(({ address }) => allowsAddress(rules, asked, address));
      const [first] = allowed;
      if (first === undefined) {
        const addresses = found.map(({ address }) => address);
        callback(refusedAddresses(asked, addresses), []);
      } else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    };
    resolve(hostname, { ...options, all: true }).then(answer, (error: Error) => callback(error, []));
  };
}

const resolveAll: Resolve = (hostname, options) => dns.lookup(hostname, { ...options, all: true });

function unnamedHost({ host, port }: HostPort): NotAllowedError {
  const message =
    `the host ${host}, port ${port}, is not allowed. ` +
    `To allow it, name it in the worker's setting ${settingText("httpHosts")}.`;
  return new NotAllowedError(message, { setting: "httpHosts", target: host });
}

function refusedAddresses({ host }: HostPort, addresses: readonly string[]): NotAllowedError {
  const shown = addresses.map((address) => `${address} (${addressKind(address)})`).join(", ");
  const [first = ""] = addresses;
  const entry = isIP(host) === 0 ? `${host}=${first}` : host;
  const message =
    `the host ${host} has no address that is allowed, only ${shown}. To allow an address that is not public, ` +
    `name it in the worker's setting ${settingText("httpHosts")}, for instance as ${entry}.`;
  return new NotAllowedError(message, { setting: "httpHosts", target: host, addresses });
}
