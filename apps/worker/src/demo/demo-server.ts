import { createServer } from "node:http";

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
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}
