import { once } from "node:events";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "../src/index.ts";
import { withConnection } from "../src/with-connection.ts";
import { embeddedEnv, packageFile, runProgram, testFolder } from "./run-program.ts";

describe("a throwaway server", () => {
  it("has a port of its own when several start at once, and leaves no folder", async () => {
    const servers = await Promise.all([start(), start(), start(), start()]);

    const answers = await Promise.all(
      servers.map(({ url }) => withConnection(url, (c) => c.query("show port"))),
    );
    await Promise.all(servers.map((server) => server.stop()));

    expect(answers.map(({ rows }) => Number(rows[0].port))).toEqual(servers.map(({ port }) => port));
    expect(new Set(servers.map(({ port }) => port)).size).toBe(4);
    for (const { dataDir } of servers)
      await expect(access(dataDir)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("listens on 127.0.0.1 only and runs with the settings given", async () => {
    const { url } = await start({ settings: { fsync: false, max_connections: 31, work_mem: "5MB" } });

    const shown = await withConnection(url, (client) =>
      client.query(
        `select name, setting from pg_settings
         where name in ('fsync', 'listen_addresses', 'max_connections', 'work_mem') order by name`,
      ),
    );

    expect(shown.rows.map(({ setting }) => setting)).toEqual(["off", "127.0.0.1", "31", "5120"]);
  });

  it.each(["fast", "immediate"] as const)("keeps port and committed rows over a %s restart", async (mode) => {
    const server = await start();
    const { url, pid } = server;
    await writeRow(url);

    await server.restart(mode);

    expect(server.pid).not.toBe(pid);
    expect(await countRows(url)).toBe(1);
  });

  it("starts again after its postmaster was killed, with a client connected", async () => {
    const server = await start();
    await writeRow(server.url);

    await withConnection(server.url, async (client) => {
      const disconnected = new Promise<void>((resolve) => client.once("end", () => resolve()));
      process.kill(server.pid, "SIGKILL");
      await disconnected;
    });
    await server.start();

    expect(await countRows(server.url)).toBe(1);
  });

  it("is not served while halted", async () => {
    const server = await start();

    await server.halt("immediate");

    expect(() => server.pid).toThrow(expect.objectContaining({ code: "server_not_running" }));
    await expect(countRows(server.url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("a persistent server", () => {
  it("keeps its folder, and serves the same rows the next time", async () => {
    const dataDir = join(await testFolder(), "below", "postgres");
    const first = await start({ dataDir });
    await writeRow(first.url);
    await first.stop();

    const second = await start({ dataDir });

    expect(await countRows(second.url)).toBe(1);
  });

  it("starts at once after the program that held it was killed", async () => {
    const folder = await testFolder();
    const dataDir = join(folder, "postgres");
    const program = runProgram([packageFile("test/program/hold-server.ts"), dataDir], embeddedEnv(folder));
    const line = await program.line(/^url=/);
    await writeRow(line.slice("url=".length));

    process.kill(program.pid, "SIGKILL");
    const server = await start({ dataDir });

    expect(await countRows(server.url)).toBe(1);
  });

  it("starts although the process id in a stale postmaster.pid belongs to another program", async () => {
    const dataDir = join(await testFolder(), "postgres");
    const server = await start({ dataDir });
    await server.halt();
    await writeFile(join(dataDir, "postmaster.pid"), `${process.pid}\n${dataDir}\n`);

    await server.start();

    expect(server.pid).not.toBe(process.pid);
  });

  it("makes a cluster again when the first attempt was cut off", async () => {
    const dataDir = join(await testFolder(), "postgres");
    await mkdir(`${dataDir}.new`);
    await writeFile(join(`${dataDir}.new`, "PG_VERSION"), "18\n");

    const server = await start({ dataDir });

    expect(server.dataDir).toBe(dataDir);
  });

  it.runIf(process.getuid?.() === 0)(
    "is moved to /var/tmp where only root can enter the folder",
    async () => {
      const closed = await testFolder({ private: true });
      const wanted = join(closed, "postgres");
      const first = await start({ dataDir: wanted });
      onTestFinished(() => rm(first.dataDir, { recursive: true, force: true }));
      await writeRow(first.url);
      await first.stop();

      const second = await start({ dataDir: wanted });

      expect(second.dataDir).toMatch(/^\/var\/tmp\/millrace-data-/);
      expect(second.dataDir).toBe(first.dataDir);
      expect(await countRows(second.url)).toBe(1);
    },
  );
});

describe("a start that fails", () => {
  it("tells the server's own words and leaves no folder", async () => {
    const lines: string[] = [];

    const starting = start({ settings: { shared_buffers: "much" }, onLog: (line) => lines.push(line) });

    await expect(starting).rejects.toMatchObject({
      code: "start_failed",
      message: expect.stringContaining('invalid value for parameter "shared_buffers"'),
    });
    expect(lines.join("\n")).toContain("shared_buffers");
  });

  it("names a port that is taken", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const address = other.address();
    if (address === null || typeof address === "string") throw new Error("no port");

    await expect(start({ port: address.port })).rejects.toMatchObject({ code: "port_in_use" });
  });

  it("refuses a folder that another server is using, and leaves that server alone", async () => {
    const dataDir = join(await testFolder(), "postgres");
    const bystander = await start({ dataDir });

    await expect(start({ dataDir })).rejects.toMatchObject({ code: "data_folder_in_use" });

    await writeRow(bystander.url);
    expect(await countRows(bystander.url)).toBe(1);
  });
});

async function start(options: EmbeddedPostgresOptions = {}): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres(options);
  onTestFinished(() => server.stop("immediate"));
  return server;
}

async function writeRow(url: string): Promise<void> {
  await withConnection(url, async (client) => {
    await client.query("create table notes (id int)");
    await client.query("insert into notes values (1)");
  });
}

function countRows(url: string): Promise<number> {
  return withConnection(url, async (client) => {
    const { rows } = await client.query("select count(*)::int as count from notes");
    return rows[0].count;
  });
}
