import type { Project } from "./project.ts";

/** A file that `millrace init` writes. */
export interface ProjectFile {
  /** The path below the project's folder. */
  readonly path: string;
  readonly text: string;
}

/** The folder of the new files, below the project's folder. */
const FOLDER = "src/jobs";

/** Returns the path of one of the new files, such as `worker`, below the project's folder. */
export function pathOf(name: string, { extension }: Project): string {
  return `${FOLDER}/${name}.${extension}`;
}

/** Returns the files of a first task, its schedule and its worker, in the project's language and with its database. */
export function projectFiles(project: Project): ProjectFile[] {
  const from = (name: string) => JSON.stringify(`./${name}.${project.importExtension}`);
  const texts: Record<string, string> = {
    database: project.drizzle ? drizzleDatabase() : pgDatabase(),
    "send-welcome": sendWelcome(),
    schedules: schedules(from),
    worker: worker(from, project),
    "enqueue-welcome": project.drizzle ? enqueueByDrizzle(from, project) : enqueueByPg(from, project),
  };
  return Object.entries(texts).map(([name, text]) => ({ path: pathOf(name, project), text }));
}

type From = (name: string) => string;

function pgDatabase(): string {
  return `import pg from "pg";

/** The connections of this process. */
export const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"] });
// Without a listener, an idle connection that is cut would end the process. The pool opens another one.
pool.on("error", (error) => console.error(\`A database connection was cut: \${error.message}\`));
`;
}

function drizzleDatabase(): string {
  return `import { drizzle } from "drizzle-orm/node-postgres";
${pgDatabase()}
export const db = drizzle({ client: pool });
`;
}

function sendWelcome(): string {
  return `import { defineTask } from "@millrace/queue";
import { z } from "zod";

/** Welcomes a user. A job may run twice, for example after a crash, so its effect must be safe to repeat. */
export const sendWelcome = defineTask({
  name: "send-welcome",
  payload: z.object({ email: z.string() }),
  timeoutMs: 30_000,
  async run({ email }) {
    console.log(\`Welcome, \${email}!\`);
  },
});
`;
}

function schedules(from: From): string {
  return `import { defineSchedule } from "@millrace/scheduler";
import { sendWelcome } from ${from("send-welcome")};

/** The worker writes these schedules to the database when it starts. */
export const schedules = [
  defineSchedule({
    name: "welcome-the-team",
    task: sendWelcome,
    payload: { email: "team@example.com" },
    cron: "0 9 * * mon-fri",
    timezone: "UTC",
  }),
];
`;
}

function worker(from: From, { typescript }: Project): string {
  const result = typescript ? ": Promise<void>" : "";
  return `import { createQueue, createWorker } from "@millrace/queue";
import { createScheduler, reconcileSchedules } from "@millrace/scheduler";
import { pool } from ${from("database")};
import { schedules } from ${from("schedules")};
import { sendWelcome } from ${from("send-welcome")};

const worker = createWorker({ db: pool, tasks: [sendWelcome] });
const scheduler = createScheduler({ pool, queue: createQueue(pool), listenOn: pool });

async function start()${result} {
  await reconcileSchedules(pool, schedules);
  worker.start();
  scheduler.start();
  console.log("The worker has started. Stop it with Ctrl-C.");
}

/** Lets running jobs finish, and then ends the process. */
async function stop()${result} {
  await scheduler.stop();
  await worker.stop();
  await pool.end();
}

for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => void stop());

start().catch((error) => {
  console.error(error);
  process.exit(1);
});
`;
}

function enqueueByPg(from: From, { typescript }: Project): string {
  return enqueue(from, {
    typescript,
    database: "pool",
    body: `  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    // Write your own rows with \`client\`, too: they and the job commit together, or not at all.
    const { id } = await queue.enqueue(sendWelcome, { email }, { tx: client });
    await client.query("COMMIT");
    return id;
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }`,
  });
}

function enqueueByDrizzle(from: From, { typescript }: Project): string {
  return enqueue(from, {
    typescript,
    database: "db, pool",
    body: `  return db.transaction(async (tx) => {
    // Write your own rows with \`tx\`, too: they and the job commit together, or not at all.
    const { id } = await queue.enqueue(sendWelcome, { email }, { tx });
    return id;
  });`,
  });
}

function enqueue(
  from: From,
  { typescript, database, body }: { typescript: boolean; database: string; body: string },
): string {
  const [parameter, result] = typescript ? ["email: string", ": Promise<string>"] : ["email", ""];
  return `import { createQueue } from "@millrace/queue";
import { ${database} } from ${from("database")};
import { sendWelcome } from ${from("send-welcome")};

const queue = createQueue(pool);

/** Enqueues a job in a transaction, and returns the job's id. */
async function welcome(${parameter})${result} {
${body}
}

welcome(process.argv[2] ?? "ada@example.com")
  .then((id) => console.log(\`Enqueued the job \${id}.\`))
  .catch((error) => {
    console.error(error);
    process.exitCode = 1;
  })
  .finally(() => pool.end());
`;
}
