import { dockerEngineAnswers } from "./docker-engine.ts";
import type { Environment } from "./environment.ts";
import type { OnLog } from "./log-tail.ts";
import { INSTALLED_MAJOR } from "./postgres-packages.ts";
import { startEmbeddedPostgres } from "./start-embedded-postgres.ts";
import { TestServerError } from "./test-server-error.ts";
import { testedMajor } from "./tested-major.ts";
import { throwawaySettings } from "./throwaway-settings.ts";

/** The options of `startTestServer`. */
export interface TestServerOptions {
  /**
   * The variables TEST_DATABASE_URL, DOCKER_HOST and TEST_POSTGRES_MAJOR decide. Default: this process's environment.
   */
  readonly env?: Environment;
  /** Receives notes on the choice, and the server's log. Default: no log. */
  readonly onLog?: OnLog;
}

/** A real PostgreSQL for tests. */
export interface TestServer {
  /** The URL of a user who may create databases. */
  readonly url: string;
  readonly kind: "external" | "testcontainers" | "embedded";
  /** Removes the server. An external server stays as it is. */
  stop(): Promise<void>;
}

/**
 * Gets a real PostgreSQL. Throws `TestServerError`. The first of these that exists:
 * - the server that TEST_DATABASE_URL names,
 * - a container, when a Docker engine answers and `@testcontainers/postgresql` is installed,
 * - an embedded server.
 * The container and the embedded server have the major version of TEST_POSTGRES_MAJOR, 14 to 18. Default: 18.
 *
 * A container or an embedded server is removed when this process ends. Its data may be lost in a crash.
 *
 * @example
 * const server = await startTestServer();
 * const pool = new Pool({ connectionString: server.url });
 */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const { env = process.env, onLog } = options;
  const external = env.TEST_DATABASE_URL;
  if (external) return { url: external, kind: "external", stop: async () => undefined };

  const { major } = testedMajor(env);
  if (await dockerEngineAnswers(env)) {
    try {
      return await startContainer(major ?? INSTALLED_MAJOR);
    } catch (cause) {
      // A caller that names a major version wants no other version. Without a named version, tests also run on a
      // machine that cannot pull images.
      const message = `postgres:${major ?? INSTALLED_MAJOR}-alpine did not start in Docker: ${cause}`;
      if (major !== undefined) throw new TestServerError("container_failed", message, { cause });
      onLog?.(message);
    }
  }
  const server = await startEmbeddedPostgres({
    settings: throwawaySettings,
    ...testedMajor(env),
    ...(onLog ? { onLog } : {}),
  });
  return { url: server.url, kind: "embedded", stop: () => server.stop() };
}

async function startContainer(major: string): Promise<TestServer> {
  const { PostgreSqlContainer } = await loadTestcontainers();
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

/**
 * Loads the Docker client only for a container: it takes half a second to load, and an embedded start must not wait for
 * it. It is an optional peer, because it brings 100 packages that an embedded server does not need.
 */
async function loadTestcontainers(): Promise<typeof import("@testcontainers/postgresql")> {
  try {
    return await import("@testcontainers/postgresql");
  } catch (cause) {
    const message =
      "@testcontainers/postgresql is not installed: add it to the dev dependencies for containers";
    throw new TestServerError("container_failed", message, { cause });
  }
}
