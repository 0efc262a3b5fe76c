/** A question that people ask, what they type into the search, and the pages that answer it. */
export interface Question {
  question: string;
  /** What people type. Each of them must find an answer. */
  searches: readonly string[];
  /** Addresses of pages, without an anchor. One of the first three hits must be a section of one of these pages. */
  answers: readonly string[];
}

/** The questions that newcomers and operators had, and found no answer to. */
export const QUESTIONS: readonly Question[] = [
  {
    question: "How do I install it: registry, tarball, workspace?",
    searches: ["install", "install tarball", "install workspace", "npm install registry"],
    answers: ["/start", "/install"],
  },
  {
    question: "Which versions of Node, PostgreSQL, Drizzle, pg and TypeScript?",
    searches: ["which versions", "node version", "postgresql versions supported", "typescript version"],
    answers: ["/install"],
  },
  {
    question: "Is it ESM only? Does it work in NestJS and CommonJS?",
    searches: ["ESM only", "commonjs require", "nestjs"],
    answers: ["/guides/nestjs-and-commonjs", "/examples"],
  },
  {
    question: "How do I test a task without and with a database?",
    searches: ["test a task", "unit test handler without database", "test task database"],
    answers: ["/guides/testing", "/packages/testing"],
  },
  {
    question: "How do I mock the queue in my API's tests?",
    searches: ["mock queue", "fake queue tests"],
    answers: ["/guides/testing", "/packages/testing"],
  },
  {
    question: "Next.js, serverless, Lambda: enqueue only, migrate where, pool size?",
    searches: ["next.js", "serverless lambda", "serverExternalPackages", "bundler esbuild"],
    answers: ["/guides/nextjs-and-serverless", "/examples"],
  },
  {
    question: "Library worker or deployable worker, and how do my tasks get into the latter?",
    searches: ["library worker or deployable worker", "tasks deployable worker", "tasks-dir"],
    answers: ["/guides/which-worker", "/apps/worker"],
  },
  {
    question: "What does a worker without my task do to my jobs? In which order do I deploy?",
    searches: ["worker without my task", "deploy order", "one queue per application"],
    answers: ["/guides/deploys", "/deploy"],
  },
  {
    question: "What are the options and events of createWorker?",
    searches: ["createWorker options", "worker events", "onEvent"],
    answers: ["/guides/worker-options"],
  },
  {
    question: "How do I log, trace, count and alert?",
    searches: ["opentelemetry", "logs", "metrics", "alert", "tracing"],
    answers: [
      "/guides/observability",
      "/metrics",
      "/packages/metrics",
      "/deploy/observability",
      "/operations",
    ],
  },
  {
    question: "Liveness and readiness probes?",
    searches: ["liveness probe", "readiness kubernetes", "health check"],
    answers: ["/guides/observability", "/apps/worker", "/operations", "/deploy", "/packages/metrics"],
  },
  {
    question: "May I reference millrace.jobs, and how do I read finished jobs?",
    searches: ["foreign key jobs", "reference millrace.jobs", "read finished jobs"],
    answers: ["/guides/your-tables", "/packages/schema"],
  },
  {
    question: "drizzle-kit push, pull and generate beside Millrace?",
    searches: ["drizzle-kit push", "drizzle kit pull", "schemaFilter"],
    answers: ["/guides/drizzle-kit", "/packages/schema"],
  },
  {
    question: "PgBouncer for the library?",
    searches: ["pgbouncer", "transaction mode pooler", "listen false"],
    answers: ["/guides/pgbouncer"],
  },
  {
    question: "How many connections does a worker have?",
    searches: ["how many connections", "connections per worker", "pool size"],
    answers: ["/guides/connections", "/scale"],
  },
  {
    question: "Which GRANTs for the API, the worker and operators?",
    searches: ["grant", "grants role worker", "least privilege rights", "permission denied"],
    answers: ["/guides/grants", "/apps/worker", "/operations"],
  },
  {
    question: "Upgrade: an old worker with a new schema, rollback, changelog?",
    searches: ["upgrade", "rollback", "old worker new schema"],
    answers: ["/guides/upgrades", "/operations"],
  },
  {
    question: "Backup, restore and point-in-time recovery: what happens to running jobs and ticks?",
    searches: ["backup", "restore", "point-in-time recovery PITR", "failover replica"],
    answers: ["/guides/backups", "/operations"],
  },
  {
    question: "Coming from BullMQ?",
    searches: ["bullmq", "migrate from bullmq"],
    answers: ["/coming-from/bullmq"],
  },
  {
    question: "Coming from pg-boss?",
    searches: ["pg-boss", "migrate from pg-boss"],
    answers: ["/coming-from/pg-boss"],
  },
  {
    question: "Coming from graphile-worker?",
    searches: ["graphile-worker", "migrate from graphile worker"],
    answers: ["/coming-from/graphile-worker"],
  },
  {
    question: "How big: rows kept, limit of the payload, when to prune, autovacuum, partitioning?",
    searches: ["payload limit", "how large payload", "autovacuum", "partition", "retention prune"],
    answers: ["/guides/retention-and-size", "/packages/queue", "/scale"],
  },
  {
    question: "Fairness among tenants?",
    searches: ["multi-tenant", "tenant fairness", "tenants"],
    answers: ["/guides/multi-tenant"],
  },
  {
    question: "Rate limits for each key?",
    searches: ["rate limit", "rate limit per key", "limiter"],
    answers: ["/guides/rate-limits"],
  },
  {
    question: "Dependencies of jobs, flows?",
    searches: ["job dependencies", "flow parent children", "chain of jobs"],
    answers: ["/guides/dependent-jobs"],
  },
  {
    question: "How does an API wait for a result?",
    searches: ["wait for result", "wait for a job to complete"],
    answers: ["/guides/waiting-for-a-result", "/packages/queue"],
  },
  {
    question: "What do I do with failed jobs?",
    searches: ["dead letter", "failed jobs", "retry failed jobs"],
    answers: ["/guides/dead-letters", "/operations"],
  },
  {
    question: "What is a lease?",
    searches: ["lease", "lease token"],
    answers: ["/concepts/leases"],
  },
  {
    question: "Who is alive, and what runs where?",
    searches: ["workers list"],
    answers: ["/apps/admin-cli", "/operations", "/packages/dashboard", "/reference/millrace"],
  },
  {
    question: "Enqueue in my own transaction?",
    searches: ["transaction enqueue", "outbox", "enqueue in transaction"],
    answers: ["/guides/transactional-enqueue"],
  },
  {
    question: "How do I stop a worker gracefully?",
    searches: ["graceful stop SIGTERM", "shutdown"],
    answers: ["/guides/deploys", "/apps/worker", "/deploy"],
  },
];
