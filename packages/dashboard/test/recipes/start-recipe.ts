import { createServer, type RequestListener, type Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { type Authorize, tokenAuthorize } from "@millrace/dashboard";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import type { Pool } from "pg";
import { createExpressApp } from "./express.ts";
import { createFastifyApp } from "./fastify.ts";
import { createHonoApp } from "./hono.ts";
import { mountInNest } from "./nest.ts";
import { createNodeServer } from "./node.ts";

/** The token that users of the started recipes log in with. */
export const TOKEN = "a-token-of-more-than-16-characters";

/** A started recipe: how to ask it, and how to stop it. */
export interface StartedRecipe {
  fetch(path: string, init?: RequestInit): Promise<Response>;
  stop(): Promise<void>;
}

/** The database of a recipe. */
export interface RecipeDatabase {
  readonly pool: Pool;
  readonly url: string;
}

/** Every recipe with how to start it. */
export const RECIPES: readonly (readonly [string, (database: RecipeDatabase) => Promise<StartedRecipe>])[] = [
  ["Node's own server", ({ pool }) => onLoopback(createNodeServer(pool, authorize()))],
  ["Express", startExpress],
  ["Fastify", startFastify],
  ["Hono", startHono],
  ["Nest", startNest],
  ["a route handler of Next", startNext],
];

const authorize = (): Authorize => tokenAuthorize({ token: TOKEN, access: "all" });

async function startExpress({ pool }: RecipeDatabase): Promise<StartedRecipe> {
  const { app, close } = createExpressApp(pool, authorize());
  return onLoopback(createServer(app as RequestListener), close);
}

async function startFastify({ pool }: RecipeDatabase): Promise<StartedRecipe> {
  const app = createFastifyApp(pool, authorize());
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    fetch: (path, init) => fetch(`${origin}${path}`, init),
    async stop() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

async function startHono({ pool }: RecipeDatabase): Promise<StartedRecipe> {
  const { app, close } = createHonoApp(pool, authorize());
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false });
  // The cast is safe: without other options, the server is one of node:http.
  return onLoopback(server as Server, close);
}

async function startNest({ pool }: RecipeDatabase): Promise<StartedRecipe> {
  class AppModule {}
  // As the decorator @Module({}) does.
  Module({})(AppModule);
  const app = await NestFactory.create(AppModule, { logger: false });
  const dashboard = mountInNest(app, pool, authorize());
  await app.listen(0, "127.0.0.1");
  const origin = (await app.getUrl()).replace("[::1]", "127.0.0.1");
  return {
    fetch: (path, init) => fetch(`${origin}${path}`, init),
    async stop() {
      app.getHttpServer().closeAllConnections();
      await app.close();
      await dashboard.close();
    },
  };
}

async function startNext({ url }: RecipeDatabase): Promise<StartedRecipe> {
  process.env["DATABASE_URL"] = url;
  process.env["DASHBOARD_TOKEN"] = TOKEN;
  const route = await import("./next.ts");
  return {
    // As Next does: the exported function of the request's method gets the request.
    async fetch(path, init) {
      const request = new Request(`http://localhost:3000${path}`, init);
      const method = (["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"] as const).find(
        (each) => each === request.method,
      );
      return path.startsWith("/ops/millrace") && method !== undefined
        ? route[method](request)
        : new Response(null, { status: 404 });
    },
    stop: () => route.GET.close(),
  };
}

async function onLoopback(
  server: Server,
  close: () => Promise<void> = async () => undefined,
): Promise<StartedRecipe> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      await close();
    },
  };
}
