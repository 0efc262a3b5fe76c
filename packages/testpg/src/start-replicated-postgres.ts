import { execFile } from "node:child_process";
import { chown, lstat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from "./start-embedded-postgres.ts";
import { waitFor } from "./wait-for.ts";
import { withConnection } from "./with-connection.ts";

/** The name by which the primary knows its standby. */
const STANDBY = "standby";

/** How to start the two servers. */
export type ReplicatedPostgresOptions = Pick<EmbeddedPostgresOptions, "major" | "settings" | "onLog">;

/** Two servers on this machine: the standby has every commit that the primary has acknowledged. */
export interface ReplicatedPostgres extends AsyncDisposable {
  readonly primary: EmbeddedPostgres;
  readonly standby: EmbeddedPostgres;
  /** The URL of both, the primary first: `postgres://postgres@127.0.0.1:1111,127.0.0.1:2222/postgres`. */
  readonly url: string;
  /** Ends all processes of the primary by SIGKILL. The primary must not start again: it would take writes, too. */
  killPrimary(): Promise<void>;
  /** Makes the standby the primary. Resolves when the new primary takes writes. */
  promoteStandby(): Promise<void>;
}

/**
 * Starts a primary and a standby with streaming, synchronous replication: the primary acknowledges a commit when the
 * standby has written the commit, too. Both are removed when the scope ends. Throws `TestServerError`.
 *
 * @example
 * await using pair = await startReplicatedPostgres();
 * await pair.killPrimary();
 * await pair.promoteStandby();
 */
export async function startReplicatedPostgres(
  options: ReplicatedPostgresOptions = {},
): Promise<ReplicatedPostgres> {
  const primary = await startEmbeddedPostgres({
    ...options,
    settings: { ...options.settings, synchronous_standby_names: STANDBY },
  });
  let standby: EmbeddedPostgres | undefined;
  try {
    // A copy of a stopped server is a standby's beginning. The packages have no pg_basebackup.
    await primary.halt();
    const dataDir = join(dirname(primary.dataDir), STANDBY);
    await copyAsStandby(primary.dataDir, dataDir);
    await primary.start();
    standby = await startEmbeddedPostgres({
      ...options,
      dataDir,
      persistent: false,
      settings: {
        ...options.settings,
        primary_conninfo: `host=127.0.0.1 port=${primary.port} user=postgres application_name=${STANDBY}`,
      },
    });
    await waitFor(() => isSynchronous(primary.url), { description: "the standby to follow" });
    return pairOf(primary, standby);
  } catch (error) {
    await standby?.stop("immediate");
    await primary.stop("immediate");
    throw error;
  }
}

async function copyAsStandby(from: string, to: string): Promise<void> {
  // `cp` keeps owners and modes, without which PostgreSQL refuses a folder.
  await promisify(execFile)("cp", ["-a", from, to]);
  const signal = join(to, "standby.signal");
  await writeFile(signal, "");
  const { uid, gid } = await lstat(to);
  await chown(signal, uid, gid);
}

function isSynchronous(url: string): Promise<boolean> {
  return withConnection(url, async (client) => {
    const { rowCount } = await client.query("select from pg_stat_replication where sync_state = 'sync'");
    return rowCount === 1;
  });
}

function pairOf(primary: EmbeddedPostgres, standby: EmbeddedPostgres): ReplicatedPostgres {
  return {
    primary,
    standby,
    url: `postgres://postgres@127.0.0.1:${primary.port},127.0.0.1:${standby.port}/postgres`,
    killPrimary: () => primary.kill(),
    promoteStandby: () =>
      withConnection(standby.url, async (client) => {
        await client.query("select pg_promote()");
      }),
    async [Symbol.asyncDispose]() {
      // The standby's folder lies in that of the primary.
      await standby.stop("immediate");
      await primary.stop("immediate");
    },
  };
}
