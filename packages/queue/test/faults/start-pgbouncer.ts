import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { waitFor } from "@millrace/testpg";
import pg from "pg";

/** Names its socket, in a folder of its own: unlike a TCP port it cannot be another program's. */
const SOCKET_NUMBER = 6432;

/** A PgBouncer in transaction mode. */
export interface PgBouncer extends AsyncDisposable {
  /** The database's url, through the pooler. */
  readonly url: string;
  /** Makes the pooler connect to another server, as an operator does after a fail-over. Clients stay connected. */
  pointAt(database: URL): Promise<void>;
}

/** Whether a `pgbouncer` is on the PATH. */
export function hasPgBouncer(): boolean {
  return spawnSync("pgbouncer", ["--version"]).status === 0;
}

/**
 * Starts a PgBouncer in transaction mode before a database, with `poolSize` sessions for all its clients. It keeps no
 * prepared statements for its clients, as those before version 1.21 do.
 */
export async function startPgBouncer(database: URL, poolSize: number): Promise<PgBouncer> {
  const folder = await mkdtemp("/tmp/millrace-pgbouncer-");
  const user = decodeURIComponent(database.username) || "postgres";
  const password = decodeURIComponent(database.password);
  const name = decodeURIComponent(database.pathname.slice(1));
  const login = password === "" ? "" : ` password='${password.replaceAll("'", "''")}'`;
  const settingsFor = ({ hostname, port }: URL) => `[databases]
${name} = host=${hostname} port=${port || 5432} dbname=${name} user=${user}${login}
[pgbouncer]
listen_addr =
listen_port = ${SOCKET_NUMBER}
unix_socket_dir = ${folder}
auth_type = any
pool_mode = transaction
default_pool_size = ${poolSize}
server_round_robin = 1
server_login_retry = 1
${canKeepPrepared() ? "max_prepared_statements = 0\n" : ""}`;
  const file = join(folder, "pgbouncer.ini");
  await writeFile(file, settingsFor(database));
  // It runs as another user, who makes its socket there.
  await chmod(folder, 0o777);
  // It refuses to run as root.
  const asUser = process.getuid?.() === 0 ? ["-u", "nobody"] : [];
  const child = spawn("pgbouncer", [...asUser, file], { stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.on("data", (data) => {
    log += data;
  });
  const url = `postgres://${encodeURIComponent(user)}@${encodeURIComponent(folder)}:${SOCKET_NUMBER}/${name}`;
  await waitFor(() => answers(url, child, () => log), { description: "PgBouncer to answer" });
  return {
    url,
    async pointAt(other) {
      await writeFile(file, settingsFor(other));
      child.kill("SIGHUP");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether this release could keep its clients' prepared statements, and so must be told not to. */
function canKeepPrepared(): boolean {
  const version = /PgBouncer (\d+)\.(\d+)/.exec(String(spawnSync("pgbouncer", ["--version"]).stdout));
  return version !== null && (Number(version[1]) > 1 || Number(version[2]) >= 21);
}

async function answers(url: string, child: ChildProcess, log: () => string): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`PgBouncer ended: ${log()}`);
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    // It does not listen yet.
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}
