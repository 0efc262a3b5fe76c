import type { Api } from "@millrace/api";
import type { MillraceClient } from "@millrace/api/client";
import type { NodeHandler } from "@millrace/dashboard";
import type { AnyTask, Queue, Task, Worker } from "@millrace/queue";
import type { Schedules } from "@millrace/scheduler";
import type { NodePgDatabase } from "drizzle-orm/node-postgres";
import type { Pool } from "pg";
import type { orders as ordersTable } from "./schema.ts";

/** What the examples of the documentation take for granted: names that stand for the reader's own program. */
declare global {
  // The reader's database and Millrace's objects.
  const pool: Pool;
  const db: NodePgDatabase;
  const tx: Parameters<Parameters<NodePgDatabase["transaction"]>[0]>[0];
  const queue: Queue;
  const schedules: Schedules;
  const worker: Worker;
  const api: Api;
  const client: MillraceClient;
  const tasks: readonly AnyTask[];
  const id: string;
  const ids: readonly string[];
  const yesterday: Date;
  const signingKey: string;
  /** The database of a test file. */
  const database: { readonly url: string; pool(): Pool };

  // The reader's tables, tasks and values.
  const orders: typeof ordersTable;
  const order: typeof ordersTable.$inferInsert & { id: string };
  const sendReceipt: Task<{ orderId: string; locale?: string }>;
  const sendWelcome: Task<{ to: string }>;
  const audit: Task<{ order: number }>;
  const renderVideo: Task<{ videoId: string }>;
  const buildReport: Task<Record<string, never>>;
  const doc: { id: string };
  const to: string;
  const videoId: string;
  const address: string;
  const authorization: string;

  // The reader's functions.
  function mail(to: string, locale: string, signal?: AbortSignal): Promise<string>;
  function mailReceipt(order: unknown, signal?: AbortSignal): Promise<{ messageId: string }>;
  function tellSupport(text: string): Promise<void>;
  function report(...values: unknown[]): void;
  function logError(error: unknown): void;
  function show(...values: unknown[]): void;
  function respond(value: unknown): void;
  function fail(message: string | null): void;
  function userOf(cookie: string | null): Promise<{ email: string; role: string; isAdmin: boolean } | null>;
  function accessOf(request: Request): Promise<"read" | "all" | null>;
  const timer: { start(name: string): () => void };

  // What browsers have besides Node.
  class EventSource extends EventTarget {
    constructor(url: string | URL);
    onmessage: ((event: { data: string }) => void) | null;
    close(): void;
  }

  // The reader's server.
  const app: { use(path: string, handler: NodeHandler): unknown };
  const request: { readonly signal: AbortSignal; readonly headers: Readonly<Record<string, string>> };
  const reply: { send(body: unknown): void };
}
