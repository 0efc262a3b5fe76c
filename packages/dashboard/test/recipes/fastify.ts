import { type Authorize, createDashboard, toNodeHandler } from "@millrace/dashboard";
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { Pool } from "pg";

/** A Fastify application with the dashboard at a path. */
export function createFastifyApp(pool: Pool, authorize: Authorize): FastifyInstance {
  const dashboard = createDashboard({ db: pool, basePath: "/ops/millrace", authorize });
  const handler = toNodeHandler(dashboard);
  const app = fastify();
  app.register(async (scope) => {
    // The dashboard reads the bodies of its requests itself.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, _body, done) => done(null));
    const handle = (request: FastifyRequest, reply: FastifyReply) => {
      reply.hijack();
      return handler(request.raw, reply.raw);
    };
    scope.all("/ops/millrace", handle);
    scope.all("/ops/millrace/*", handle);
  });
  app.addHook("onClose", () => dashboard.close());
  return app;
}
