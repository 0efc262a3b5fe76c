import { type OpenAPIHono, z } from "@hono/zod-openapi";
import type { ApiContext } from "./api-context.ts";
import { emptyBody, problem } from "./contract/common.ts";
import { PROBLEM_TYPE } from "./problem/problem-response.ts";
import { type Asked, admit, type Call } from "./security/admit.ts";
import { PERMISSIONS, type RouteName } from "./security/permissions.ts";

/** What the files in `routes` add their operations to, and what they share. */
export interface ApiParts {
  app: OpenAPIHono;
  context: ApiContext;
}

/**
 * The schema of an operation's answer:
 * - `null`: no body, and the status 204.
 * - `{ events }`: an event stream, and the schema of the data of each event.
 */
export type AnswerSchema = z.ZodType | { events: z.ZodType } | null;

/**
 * One operation of the API: a route, what a request may carry, and what an answer carries. Without `body`, a POST, PUT
 * or PATCH carries an empty object.
 */
export interface Operation<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends AnswerSchema,
> extends Asked<Params, Query, Body> {
  /** The group in the OpenAPI document, such as `jobs`. */
  tag: string;
  summary: string;
  description: string;
  answer: Answer;
}

/** What a handler returns: the answer's body, or the whole response. */
export type AnswerOf<Answer extends AnswerSchema> =
  | Response
  | (Answer extends z.ZodType ? z.input<Answer> : Answer extends null ? undefined : never);

/**
 * Adds an operation to the routes and to the OpenAPI document. The handler runs after the checks of `admit`. An error
 * that the handler throws becomes a problem document.
 *
 * @example
 * define(
 *   parts,
 *   { route: "GET /workers", tag: "workers", summary: "...", description: "...", answer: workerList },
 *   async ({ access }) => ({ workers: await parts.context.queue(access).workers() }),
 * );
 */
export function define<
  Params extends z.ZodObject,
  Query extends z.ZodObject,
  Body extends z.ZodType,
  Answer extends AnswerSchema,
>(
  { app, context }: ApiParts,
  operation: Operation<Params, Query, Body, Answer>,
  work: (call: Call<Params, Query, Body>) => Promise<AnswerOf<Answer>>,
): void {
  const [method, path] = partsOf(operation.route);
  const asked = { ...operation, ...bodyOf(method, operation.body) };
  documentOperation(app, asked);
  app.on([method], [path.replaceAll(/\{(.+?)\}/g, ":$1")], async (c) => {
    const call = await admit(context, asked, { request: c.req.raw, params: c.req.param() });
    // The cast is safe: without a schema of its own, the handler does not read the body.
    const answer: unknown = await work(call as Call<Params, Query, Body>);
    if (answer instanceof Response) return answer;
    return operation.answer === null ? new Response(null, { status: 204 }) : Response.json(answer);
  });
}

function partsOf(route: RouteName): [method: string, path: string] {
  const at = route.indexOf(" ");
  return [route.slice(0, at), route.slice(at + 1)];
}

/** A POST, PUT or PATCH has a JSON body in any case, because a form of another page cannot send JSON. */
function bodyOf(method: string, body: z.ZodType | undefined): { body?: z.ZodType } {
  if (body !== undefined) return { body };
  return ["POST", "PUT", "PATCH"].includes(method) ? { body: emptyBody } : {};
}

/** The statuses of the problems that any request may be answered with. */
const PROBLEMS = [400, 401, 403, 404, 414, 500, 503];

/** The statuses of the problems that only a request that changes something may be answered with. */
const WRITE_PROBLEMS = [409, 413, 415, 429];

function documentOperation(
  app: OpenAPIHono,
  operation: Operation<z.ZodObject, z.ZodObject, z.ZodType, AnswerSchema>,
): void {
  const [method, path] = partsOf(operation.route);
  const { tag, summary, description, params, query, body } = operation;
  const statuses = method === "GET" ? PROBLEMS : [...PROBLEMS, ...WRITE_PROBLEMS];
  const permission = PERMISSIONS[operation.route];
  app.openAPIRegistry.registerPath({
    // The cast is safe: the table of permissions has these methods only.
    method: method.toLowerCase() as "get" | "post" | "put" | "patch" | "delete",
    path,
    tags: [tag],
    summary,
    description: `${description}\n\nPermission: \`${permission}\`.`,
    request: {
      ...(params === undefined ? {} : { params }),
      ...(query === undefined ? {} : { query }),
      ...(body === undefined
        ? {}
        : { body: { required: true, content: { "application/json": { schema: body } } } }),
    },
    responses: {
      ...answerDocument(operation.answer),
      ...Object.fromEntries(
        statuses.map((status) => [
          status,
          { description: "A problem", content: { [PROBLEM_TYPE]: { schema: problem } } },
        ]),
      ),
    },
  });
}

function answerDocument(answer: AnswerSchema): Record<string, object> {
  if (answer === null) return { 204: { description: "Done" } };
  if (answer instanceof z.ZodType) {
    return { 200: { description: "Done", content: { "application/json": { schema: answer } } } };
  }
  const description = "An event stream. The data of each event has this schema.";
  return { 200: { description, content: { "text/event-stream": { schema: answer.events } } } };
}
