import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { waitFor } from "@millrace/testpg";
import { Redis } from "ioredis";
import type { Adapter } from "../adapters/adapter.ts";
import { fillDue } from "./fill-due.ts";
import { processTreeCpuMs } from "./process-cpu.ts";
import type { Seed, Server, Store } from "./store.ts";

/** Finds `redis-server` in a search path such as $PATH. Returns null when no folder has the program. */
export async function findRedis(searchPath: string): Promise<string | null> {
  for (const folder of searchPath.split(delimiter).filter((entry) => entry !== "")) {
    const program = join(folder, "redis-server");
    const runs = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return program;
  }
  return null;
}

/** Starts a Redis on a free port, with an append-only file as BullMQ's documentation recommends. */
export async function startRedisServer(program: string): Promise<Server> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-bench-redis-"));
  const port = await freePort();
  const flags = ["--port", `${port}`, "--dir", folder, "--bind", "127.0.0.1", "--save", ""];
  const durable = ["--appendonly", "yes", "--appendfsync", "everysec", "--maxmemory-policy", "noeviction"];
  const child = spawn(program, [...flags, ...durable], { stdio: "ignore" });
  const ended = once(child, "exit");
  const abandon = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", abandon);
  const url = `redis://127.0.0.1:${port}`;
  const redis = new Redis(url, { retryStrategy: () => 100, maxRetriesPerRequest: null });
  // Until the server listens, every attempt to connect raises an error event.
  redis.on("error", () => undefined);
  await waitFor(() => redis.status === "ready", { description: "redis-server to answer" });
  const version = /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "";

  async function openStore(adapter: Adapter, seed: Seed): Promise<Store> {
    await redis.flushall();
    await adapter.prepare(url);
    if (seed.kept !== undefined) await adapter.seedKept?.(url, seed.kept);
    if (seed.future !== undefined) await adapter.seedFuture(url, seed.future);
    await fillDue(adapter, url, seed.due);
    return { url, drop: async () => void (await redis.flushall()) };
  }

  return {
    description: `Redis ${version}: appendonly yes, appendfsync everysec`,
    openStore,
    cpuMs: async () => (child.pid === undefined ? null : processTreeCpuMs(child.pid)),
    async stop() {
      process.off("exit", abandon);
      redis.disconnect();
      child.kill("SIGTERM");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const probe = createServer().listen({ host: "127.0.0.1", port: 0 });
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === "string") throw new Error("no TCP port was assigned");
  return address.port;
}
