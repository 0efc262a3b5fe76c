import { dockerEngineAnswers } from "./docker-engine.ts";
import type { Environment } from "./environment.ts";
import type { OnLog } from "./log-tail.ts";
import { startEmbeddedPostgres } from "./start-embedded-postgres.ts";
import { TestServerError } from "./test-server-error.ts";
import { throwawaySettings } from "./throwaway-settings.ts";

/** How to get a server for tests. */
export interface TestServerOptions {
  /** Read for TEST_DATABASE_URL, DOCKER_HOST and TEST_POSTGRES_MAJOR; this process's environment by default. */
  readonly env?: Environment;
  /** Receives notes on the choice and the server's log. Quiet by default. */
  readonly onLog?: OnLog;
}

/** A real PostgreSQL for tests. */
export interface TestServer {
  /** Connects as a user who may create databases. */
  readonly url: string;
  readonly kind: "external" | "testcontainers" | "embedded";
  /** Removes the server; an external one is left as it is. */
  stop(): Promise<void>;
}

// What the pinned embedded-postgres package contains.
const embeddedMajor = "18";

/**
 * Gets a real PostgreSQL: the one TEST_DATABASE_URL names, else a container where a Docker engine answers, else an
 * embedded one. Except for the first, the server goes when this process ends, and does not survive a crash safely.
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { env = process.env, onLog } = options;
  const external = env.TEST_DATABASE_URL;
  if (external) return { url: external, kind: "external", stop: async () => undefined };

  const major = env.TEST_POSTGRES_MAJOR || undefined;
  if (await dockerEngineAnswers(env)) {
    try {
      return await startContainer(major ?? embeddedMajor);
    } catch (cause) {
      // Whoever names a major version wants no other; without one, a machine that cannot pull images still tests.
      const message = `postgres:${major ?? embeddedMajor}-alpine did not start in Docker: ${cause}`;
      if (major !== undefined) throw new TestServerError("container_failed", message, { cause });
      onLog?.(message);
    }
  } else if (major !== undefined && major !== embeddedMajor) {
    throw new TestServerError(
      "postgres_major_unavailable",
      `TEST_POSTGRES_MAJOR=${major} needs Docker, and none answers: the embedded PostgreSQL is ${embeddedMajor}`,
    );
  }
  const server = await startEmbeddedPostgres({ settings: throwawaySettings, ...(onLog ? { onLog } : {}) });
  return { url: server.url, kind: "embedded", stop: () => server.stop() };
}

async function startContainer(major: string): Promise<TestServer> {
  // Loaded only here: the Docker client takes half a second that an embedded start does not have to wait.
  const { PostgreSqlContainer } = await import("@testcontainers/postgresql");
  const flags = Object.entries(throwawaySettings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const container = await new PostgreSqlContainer(`postgres:${major}-alpine`)
    .withCommand(["postgres", ...flags])
    .start();
  return {
    url: container.getConnectionUri(),
    kind: "testcontainers",
    stop: async () => void (await container.stop()),
  };
}
