import { createServer, type Server } from "node:http";
import type { Dashboard } from "../create-dashboard.ts";
import { CannotListenError, isPortTaken } from "./cannot-listen-error.ts";
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
  await listen(server, { host, port, last: orNextPort ? Math.min(port + PORTS_TRIED, 65_535) : port });
  return {
    origin: originOf(server, host),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await Promise.all([closed, dashboard.close()]);
    },
  };
}

/** Listens at the first port, or at one after it until `last`, when the ports before are taken. */
async function listen(
  server: Server,
  { host, port, last }: { host: string; port: number; last: number },
): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (error) {
    if (!isPortTaken(error) || port >= last) throw new CannotListenError({ host, port }, error);
    await listen(server, { host, port: port + 1, last });
  }
}

function originOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
