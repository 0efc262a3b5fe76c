import { createServer } from "node:http";
import { closeServer, listen } from "@millrace/base";
import { MonitorCannotListenError } from "./cannot-listen-error.ts";
import { ANSWER_HEADERS, type Monitor } from "./create-monitor.ts";

/** Where to serve a monitor. */
export interface ServeMonitorOptions {
  /** 0 takes a free port. */
  port: number;
  /** The address to listen at. Default: 127.0.0.1, which only this machine reaches. */
  host?: string;
}

/** A monitor with a server of its own. */
export interface ServedMonitor {
  /** The port that the server listens at. */
  readonly port: number;
  /** Stops at once, and closes all connections. */
  close(): Promise<void>;
}

/**
 * Serves a monitor over HTTP. Throws `MonitorCannotListenError` (`CANNOT_LISTEN`).
 *
 * @example
 * const { port, close } = await serveMonitor(createMonitor({ health, metrics }), { port: 9464, host: "0.0.0.0" });
 */
export async function serveMonitor(
  monitor: Pick<Monitor, "answer">,
  { port, host = "127.0.0.1" }: ServeMonitorOptions,
): Promise<ServedMonitor> {
  const server = createServer((request, response) => {
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    void monitor.answer(request.method ?? "GET", path).then(({ status, contentType, body }) => {
      response.writeHead(status, { ...ANSWER_HEADERS, "content-type": contentType });
      response.end(request.method === "HEAD" ? undefined : body);
    });
  });
  const address = { host, port };
  const taken = await listen(server, address).catch((error: unknown) => {
    throw new MonitorCannotListenError(address, error);
  });
  return { port: taken, close: () => closeServer(server) };
}
