import { once } from "node:events";
import { createServer } from "node:http";
import { createServer as createTcpServer, type Server } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { dockerEngineAnswers, dockerTarget } from "./docker-engine.ts";

it.each([
  [undefined, { socketPath: "/var/run/docker.sock" }],
  ["unix:///run/user/1000/docker.sock", { socketPath: "/run/user/1000/docker.sock" }],
  ["tcp://10.0.0.2:2376", { host: "10.0.0.2", port: "2376" }],
  ["tcp://[::1]", { host: "::1", port: "2375" }],
  ["ssh://host", undefined],
  ["nonsense", undefined],
])("DOCKER_HOST %s is reached at %j", (dockerHost, expected) => {
  expect(dockerTarget(dockerHost)).toEqual(expected);
});

it("an engine that answers its ping is found", async () => {
  const engine = createServer((request, response) => {
    response.statusCode = request.url === "/_ping" ? 200 : 404;
    response.end("OK");
  });

  const port = await listening(engine);

  expect(await dockerEngineAnswers({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })).toBe(true);
});

it("a host that accepts and stays silent is no engine", async () => {
  const port = await listening(createTcpServer((socket) => onTestFinished(() => void socket.destroy())));

  expect(await dockerEngineAnswers({ DOCKER_HOST: `tcp://127.0.0.1:${port}` })).toBe(false);
});

it("a socket that is not there is no engine", async () => {
  expect(await dockerEngineAnswers({ DOCKER_HOST: "unix:///nonexistent/docker.sock" })).toBe(false);
});

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
