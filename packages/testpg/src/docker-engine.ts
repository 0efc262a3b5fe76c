import { type RequestOptions, request } from "node:http";
import type { Environment } from "./environment.ts";

const probeTimeoutMs = 1000;

/** Returns whether a Docker engine answers at `DOCKER_HOST` or at the default socket. Takes at most a second. */
export function dockerEngineAnswers(env: Environment): Promise<boolean> {
  const target = dockerTarget(env.DOCKER_HOST);
  if (target === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    // A signal, because the option `timeout` starts again with every byte, and does not cover a host that never
    // connects.
    const signal = AbortSignal.timeout(probeTimeoutMs);
    const probe = request({ ...target, path: "/_ping", signal, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    probe.on("error", () => resolve(false));
    probe.end();
  });
}

/**
 * Returns where to connect for a `DOCKER_HOST`; `undefined` for a kind that the probe does not speak, such as ssh or
 * TLS.
 */
export function dockerTarget(dockerHost: string | undefined): RequestOptions | undefined {
  if (!dockerHost) return { socketPath: "/var/run/docker.sock" };
  if (!URL.canParse(dockerHost)) return undefined;
  const { protocol, hostname, port, pathname } = new URL(dockerHost);
  if (protocol === "unix:") return { socketPath: pathname };
  if (protocol !== "tcp:" && protocol !== "http:") return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: port || "2375" };
}
