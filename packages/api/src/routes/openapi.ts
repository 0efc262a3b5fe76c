import { z } from "@hono/zod-openapi";
import { type ApiParts, define } from "../operation.ts";

const openapiDocument = z.looseObject({ openapi: z.string() }).openapi("OpenapiDocument");

/** Adds the document of all routes. It is made at its first request: then all routes are there. */
export function addOpenapi(parts: ApiParts): void {
  const { app, context } = parts;
  let document: object | null = null;
  define(
    parts,
    {
      route: "GET /openapi.json",
      tag: "session",
      summary: "Read the OpenAPI document",
      description: "This API as an OpenAPI 3.1 document.",
      answer: openapiDocument,
    },
    async () => {
      document ??= app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: { title: "Millrace", version: context.release, description: DESCRIPTION },
        servers: [{ url: context.basePath === "" ? "/" : context.basePath }],
      });
      return Response.json(document);
    },
  );
}

const DESCRIPTION = `Jobs, queues, schedules and workers of Millrace.

Every problem is a problem document (RFC 9457) with a \`code\`. A page of a list ends with \`next\`: give it as
\`cursor\` for the next page. JSON of jobs is sent as text, so that no number is rounded.`;
