import { connect, createServer, type Socket } from "node:net";

/** A TCP proxy between clients and a database. */
export interface Proxy extends AsyncDisposable {
  /** The database's URL through the proxy. */
  readonly url: string;
  /** Returns over how many connections clients sent this text to the database. */
  sent(text: string): number;
  /**
   * Stalls every connection over which a client sent this text: the proxy forwards nothing more, and closes nothing.
   */
  stall(text: string): void;
  /**
   * Returns true if the database has answered every client, and the proxy has forwarded nothing since the last call.
   * Ignores stalled connections.
   */
  isQuiet(): boolean;
}

interface Link {
  sent: string;
  stalled: boolean;
  /** Whether the client has sent something since the database last sent something. */
  asked: boolean;
  sockets: [Socket, Socket];
}

/**
 * Starts a proxy to a database on a free port of 127.0.0.1.
 *
 * @example
 * await using proxy = await startProxy(new URL(database.url));
 * proxy.stall("LISTEN");
 */
export async function startProxy(database: URL): Promise<Proxy> {
  const links: Link[] = [];
  let passed = 0;
  let passedBefore = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(database.port), database.hostname);
    const link: Link = { sent: "", stalled: false, asked: false, sockets: [client, upstream] };
    links.push(link);
    client.on("data", (data) => {
      link.sent += data.toString("latin1");
      link.asked = true;
      if (link.stalled) return;
      passed += 1;
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      link.asked = false;
      if (link.stalled) return;
      passed += 1;
      client.write(data);
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.on("error", () => undefined);
      socket.on("close", () => void (link.stalled || other.destroy()));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The proxy has no port");
  const url = new URL(database);
  url.hostname = "127.0.0.1";
  url.port = String(address.port);
  return {
    url: url.href,
    sent: (text) => links.filter((link) => link.sent.includes(text)).length,
    stall(text) {
      for (const link of links) link.stalled ||= link.sent.includes(text);
    },
    isQuiet() {
      const before = passedBefore;
      passedBefore = passed;
      return (
        passed === before && !links.some((link) => link.asked && !link.stalled && !link.sockets[0].destroyed)
      );
    },
    async [Symbol.asyncDispose]() {
      for (const socket of links.flatMap((link) => link.sockets)) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
