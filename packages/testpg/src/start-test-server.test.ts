import { expect, it } from "vitest";
import { startTestServer } from "./start-test-server.ts";

it("TEST_DATABASE_URL is taken as it is, and left alone by stop", async () => {
  const server = await startTestServer({ env: { TEST_DATABASE_URL: "postgres://h/db" } });

  await server.stop();

  expect(server).toMatchObject({ kind: "external", url: "postgres://h/db" });
});

it("another major version than the embedded one is refused without Docker", async () => {
  const starting = startTestServer({
    env: { DOCKER_HOST: "unix:///nonexistent", TEST_POSTGRES_MAJOR: "14" },
  });

  await expect(starting).rejects.toMatchObject({ code: "postgres_major_unavailable" });
});
