import type { Server } from "node:http";
import { reasonOf } from "../check/reason-of.ts";

/** Where a server listens. */
export interface ListenAddress {
  host: string;
  /** 0 takes a free port. */
  port: number;
}

/** Lets a server listen. Returns its port. Rejects with Node's error; `listenProblem` says it for people. */
export async function listen(server: Server, { host, port }: ListenAddress): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : port;
}

/** Stops a server at once, and closes all of its connections. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** Whether a server could not listen because its port is taken. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}

/** Why a server cannot listen, for people, and what to do. */
export function listenProblem({ host, port }: ListenAddress, error: unknown): string {
  return isPortTaken(error) ? `port ${port} of ${host} is taken; choose another port` : reasonOf(error);
}
