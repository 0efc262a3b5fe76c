import { createServer, type Server } from "node:http";
import { type Authorize, createDashboard, toNodeHandler } from "@millrace/dashboard";
import type { Pool } from "pg";

/** A server of Node's own with the dashboard at a path. */
export function createNodeServer(pool: Pool, authorize: Authorize): Server {
  const dashboard = createDashboard({ db: pool, basePath: "/ops/millrace", authorize });
  const handler = toNodeHandler(dashboard);
  const server = createServer((request, response) => {
    if (request.url?.startsWith("/ops/millrace")) return handler(request, response);
    response.writeHead(404).end();
  });
  server.on("close", () => dashboard.close());
  return server;
}
