import { createServer, type Server } from "node:http";
import { closeServer, isPortTaken, listen } from "@millrace/base";
import type { Dashboard } from "../create-dashboard.ts";
import { CannotListenError } from "./cannot-listen-error.ts";
import { loopbackHostsOnly } from "./loopback-hosts.ts";
import { toNodeHandler } from "./to-node-handler.ts";

/** Where to serve a dashboard. */
export interface ServeOptions {
  readonly port: number;
  /** The address to listen at. Default: 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
  /** Takes the next free port when the port is taken. Default false. */
  readonly orNextPort?: boolean;
  /** Refuses requests that name another host than this machine, against DNS rebinding. Default false. */
  readonly loopbackHosts?: boolean;
}

/** A dashboard with a server of its own. */
export interface ServedDashboard {
  /** The address without the base path: `http://127.0.0.1:3939`. */
  readonly origin: string;
  /** Stops at once: ends event streams, and closes all connections. */
  close(): Promise<void>;
}

/** How many ports are tried one after the other. */
const PORTS_TRIED = 50;

/**
 * Serves a dashboard over HTTP. Throws `CannotListenError` (`CANNOT_LISTEN`); the dashboard stays open then.
 *
 * @example
 * const { origin, close } = await serveDashboard(dashboard, { port: 3939, loopbackHosts: true });
 */
export async function serveDashboard(
  dashboard: Dashboard,
  { port, host = "127.0.0.1", orNextPort = false, loopbackHosts = false }: ServeOptions,
): Promise<ServedDashboard> {
  const server = createServer(toNodeHandler(loopbackHosts ? loopbackHostsOnly(dashboard) : dashboard));
  const last = orNextPort ? Math.min(port + PORTS_TRIED, 65_535) : port;
  const taken = await listenFrom(server, { host, port, last });
  return {
    origin: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      await Promise.all([closeServer(server), dashboard.close()]);
    },
  };
}

/** Listens at the first port, or at one after it until `last`, when the ports before are taken. Returns the port. */
async function listenFrom(
  server: Server,
  { host, port, last }: { host: string; port: number; last: number },
): Promise<number> {
  try {
    return await listen(server, { host, port });
  } catch (error) {
    if (!isPortTaken(error) || port >= last) throw new CannotListenError({ host, port }, error);
    return listenFrom(server, { host, port: port + 1, last });
  }
}
