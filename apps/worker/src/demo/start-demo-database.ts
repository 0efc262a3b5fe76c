/** The demo's PostgreSQL. */
export interface DemoDatabase {
  readonly url: string;
  readonly version: string;
  readonly dataDir: string;
  stop(): Promise<void>;
}

/** The demo takes this port when it is free, so that the database's URL stays the same between starts. */
const PREFERRED_PORT = 54_327;

/** Starts the embedded PostgreSQL on the data in `dataDir`. Creates the folder when it is absent. */
export async function startDemoDatabase(dataDir: string): Promise<DemoDatabase> {
  // A deployed worker does not have this package.
  const { startEmbeddedPostgres, TestServerError } = await import("@millrace/testpg");
  const start = (port?: number) =>
    startEmbeddedPostgres({ dataDir, persistent: true, ...(port !== undefined && { port }) });
  const server = await start(PREFERRED_PORT).catch((error: unknown) => {
    if (error instanceof TestServerError && error.code === "port_in_use") return start();
    throw error;
  });
  const [version = server.version] = /^\d+\.\d+/.exec(server.version) ?? [];
  return { url: server.url, version, dataDir: server.dataDir, stop: () => server.stop() };
}
