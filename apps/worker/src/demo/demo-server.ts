import { createServer } from "node:http";
import { closeServer, listen } from "@millrace/base";

/** The HTTP server that the demo's HTTP job calls. */
export interface DemoServer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a server on a free port of this machine. The server answers every request with status 200. */
export async function startDemoServer(
  onRequest: (request: { method: string; path: string; body: string }) => void,
): Promise<DemoServer> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    onRequest({ method: request.method ?? "", path: request.url ?? "", body });
    response.end("thank you\n");
  });
  const port = await listen(server, { host: "127.0.0.1", port: 0 });
  return { url: `http://127.0.0.1:${port}`, stop: () => closeServer(server) };
}
