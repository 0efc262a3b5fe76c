import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { beforeAll, expect, test } from "vitest";
import { runCommand } from "./run-command.ts";

const database = useTestDatabase();
let queue: Queue;

beforeAll(() => {
  queue = createQueue(database.pool());
});

/** Names no value, but what kind of value it is: so the shapes are the same in each run. */
function shapeOf(value: unknown): unknown {
  if (value === null) return "null";
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  }
  if (typeof value === "string" && /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/.test(value)) return "instant";
  if (typeof value === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value)) return "id";
  return typeof value;
}

const later = { delayMs: 3_600_000 };

async function queued(options: Parameters<Queue["enqueue"]>[2] = {}): Promise<string> {
  return (await queue.enqueue("send", { n: 1 }, { queue: "mail", ...options })).id;
}

async function claimed(): Promise<string> {
  const id = await queued({ priority: -9 });
  await queue.runs.claim({ queues: ["mail"], workerId: "w", limit: 1, leaseSeconds: 30 });
  return id;
}

async function failed(): Promise<string> {
  const id = await queued({ priority: -9 });
  const runs = await queue.runs.claim({ queues: ["mail"], workerId: "w", limit: 1, leaseSeconds: 30 });
  await queue.runs.fail(runs.map((run) => ({ ...run, error: "boom", retryInMs: null })));
  return id;
}

/** Every command that answers with JSON, in an order in which each finds what it needs. */
async function commandLines(): Promise<[string, string[]][]> {
  const failedId = await failed();
  const key = { idempotencyKey: "order-7", tags: ["vip"], metadata: { n: 1 } };
  await queued(key);
  const lines: string[][] = [
    ["jobs", "enqueue", "send", "--key", "k"],
    ["jobs", "enqueue", "send", "--key", "k"],
    ["jobs", "list", "--state", "failed"],
    ["jobs", "get", failedId],
    ["jobs", "find", "order-7"],
    ["jobs", "find", "nobody"],
    ["jobs", "explain", failedId],
    ["jobs", "failures"],
    ["jobs", "stats"],
    ["jobs", "wait", failedId],
    ["jobs", "change", await queued(), "--priority", "1"],
    ["jobs", "run-now", await queued(later)],
    ["jobs", "retry", "--kind-of", failedId, "--dry-run"],
    ["jobs", "run-now", "--type", "none", "--yes"],
    ["jobs", "retry", failedId],
    ["jobs", "retry", "--type", "none", "--yes"],
    ["jobs", "cancel", await queued()],
    ["jobs", "cancel", await claimed()],
    ["jobs", "cancel", "--type", "none", "--yes"],
    ["jobs", "cancel", "--type", "none"],
    ["jobs", "cancel", "--queue", "mail", "--limit", "1", "--yes"],
    ["undo", "--last"],
    ["undo", "--last", "--dry-run"],
    ["undo", "--last", "--yes"],
    ["undo", "--last", "--yes"],
    ["jobs", "cancel", "--queue", "mail", "--dry-run", "--limit", "1"],
    ["jobs", "delete", await queued()],
    ["jobs", "delete", "--type", "none", "--yes"],
    ["jobs", "prune", "--older-than", "1d"],
    ["jobs", "get", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f"],
    ["jobs", "get", "7"],
    ["queues", "pause", "mail"],
    ["queues", "resume", "mail"],
    ["queues", "set", "mail", "--timeout", "5m"],
    ["queues", "list"],
    ["schedules", "create", "daily", "--cron", "@daily", "--type", "report"],
    ["schedules", "create", "daily", "--cron", "@daily", "--type", "report"],
    ["schedules", "list"],
    ["schedules", "get", "daily"],
    ["schedules", "update", "daily", "--queue", "mail"],
    ["schedules", "disable", "daily"],
    ["schedules", "enable", "daily"],
    ["schedules", "run", "daily"],
    ["schedules", "ticks", "daily"],
    ["schedules", "preview", "daily", "-n", "1"],
    ["schedules", "delete", "daily"],
    ["schedules", "get", "daily"],
    ["workers", "list"],
    ["views", "list"],
    ["undo", "--last", "--as", "nobody", "--yes"],
    ["undo", "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f", "--yes"],
    ["undo", "--yes"],
    ["audit", "list"],
    ["top"],
    ["migrate"],
    ["init", ".", "--dry-run"],
    ["init", "nowhere"],
    ["health"],
  ];
  return lines.map((argv) => [
    `millrace ${argv.map((word) => (/^[0-9a-f-]{36}$/.test(word) ? "<id>" : word)).join(" ")}`,
    argv,
  ]);
}

test("the JSON of each command and its exit code are a contract: a change here is a change for scripts", async () => {
  await database
    .pool()
    .query("INSERT INTO millrace.workers (worker_id, queues, types) VALUES ('w2', '{mail}', '{send}')");
  await database.pool().query(
    `INSERT INTO millrace.view_refreshes (schema_name, view_name, job_id, started_at, finished_at)
     VALUES ('public', 'sales', gen_random_uuid(), now(), now())`,
  );
  const env = { DATABASE_URL: database.url };
  const parts: string[] = [];
  for (const [line, argv] of await commandLines()) {
    const { exitCode, stdout, stderr } = await runCommand([...argv, "--json"], { env, osUser: "ada" });
    const document = JSON.parse(stdout === "" ? stderr : stdout);
    const code = stdout === "" ? ` ${document.error.code}` : "";
    parts.push(`$ ${line}\nexit code ${exitCode}${code}\n${JSON.stringify(shapeOf(document), null, 2)}\n`);
  }

  await expect(parts.join("\n")).toMatchFileSnapshot("contract/json.txt");
});
