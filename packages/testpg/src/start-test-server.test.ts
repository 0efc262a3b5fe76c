import { expect, it } from "vitest";
import { startTestServer } from "./start-test-server.ts";

it("TEST_DATABASE_URL is taken as it is, and left alone by stop", async () => {
  const server = await startTestServer({ env: { TEST_DATABASE_URL: "postgres://h/db" } });

  await server.stop();

  expect(server).toMatchObject({ kind: "external", url: "postgres://h/db" });
});

it("a major version that nobody packages is refused without Docker, and the known ones are named", async () => {
  const starting = startTestServer({
    env: { DOCKER_HOST: "unix:///nonexistent", TEST_POSTGRES_MAJOR: "13" },
  });

  await expect(starting).rejects.toMatchObject({
    code: "postgres_major_unavailable",
    message: expect.stringContaining("14, 15, 16, 17, 18"),
  });
});
