import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";

/** A request listener of Node's servers, which Express, Nest and Connect take as well. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

/** What servers of Node add to a request. */
interface ServerRequest extends IncomingMessage {
  /** The address before a router has cut off the path that the handler is mounted at. */
  originalUrl?: unknown;
  /** The body that a parser has read, so that the stream is empty. */
  body?: unknown;
  rawBody?: unknown;
}

/**
 * Makes a request listener of a Fetch handler, for Node's own servers, Express and Nest. Streams events as they come,
 * and stops a stream when its reader is gone.
 *
 * @example
 * app.use("/ops", toNodeHandler(createDashboard({ db: pool, basePath: "/ops", authorize })));
 */
export function toNodeHandler(handler: (request: Request) => Promise<Response>): NodeHandler {
  const listener = getRequestListener((request) => handler(request), { overrideGlobalObjects: false });
  return (incoming: ServerRequest, outgoing) => {
    if (typeof incoming.originalUrl === "string") incoming.url = incoming.originalUrl;
    const rawBody = bodyReadBefore(incoming);
    if (rawBody !== null) incoming.rawBody = rawBody;
    return listener(incoming, outgoing);
  };
}

/**
 * Returns the body that a parser before this handler has read, as Nest's and `express.json()` do. Null: nobody has read
 * the body. The texts of payloads are strings in the API's bodies, so no number is rounded on the way.
 */
function bodyReadBefore({ body, rawBody, readableEnded }: ServerRequest): Buffer | null {
  if (!readableEnded || body === undefined || Buffer.isBuffer(rawBody)) return null;
  return Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}
