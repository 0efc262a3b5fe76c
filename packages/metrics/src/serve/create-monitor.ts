import { reasonOf } from "@millrace/base";
import type { Health } from "../health/create-health.ts";
import type { HealthReport } from "../health/health-report.ts";
import type { Metrics } from "../metrics/create-metrics.ts";

/** What a monitor answers with. */
export interface MonitorOptions {
  /** Answers `/healthz` and `/readyz`. Without it, these paths are not found. */
  health?: Pick<Health, "live" | "ready">;
  /** Answers `/metrics`. Without it, this path is not found. */
  metrics?: Pick<Metrics, "text" | "contentType">;
}

/** An answer to a request, for servers of every kind. */
export interface MonitorAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** Answers the requests of probes and of Prometheus. */
export interface Monitor {
  /** Answers a request by its method and its path, without a query. Never rejects. */
  answer(method: string, path: string): Promise<MonitorAnswer>;
  /** Answers a Fetch request by its path. Mount the monitor at the root: it does not know of a prefix. */
  fetch(request: Request): Promise<Response>;
}

/** No cache may keep an answer: the next probe must see the state of its own moment. */
export const ANSWER_HEADERS = { "cache-control": "no-store", "x-content-type-options": "nosniff" } as const;

/**
 * Creates what answers `/healthz`, `/readyz` and `/metrics`. Health answers are JSON: 200 if every check passed, else
 * 503, with each check and what it found.
 * A monitor checks no credentials: serve it where only probes and Prometheus connect.
 *
 * @example
 * const monitor = createMonitor({ health, metrics });
 * app.use((context) => monitor.fetch(context.req.raw));
 */
export function createMonitor({ health, metrics }: MonitorOptions): Monitor {
  const routes = new Map<string, () => Promise<MonitorAnswer>>();
  if (health !== undefined) {
    routes.set("/healthz", async () => healthAnswer(health.live()));
    routes.set("/readyz", async () => healthAnswer(await health.ready()));
  }
  if (metrics !== undefined) {
    const { contentType } = metrics;
    routes.set("/metrics", async () => ({ status: 200, contentType, body: await metrics.text() }));
  }
  async function answer(method: string, path: string): Promise<MonitorAnswer> {
    const route = routes.get(path);
    if (route === undefined) return plain(404, `Not found. There are ${[...routes.keys()].join(", ")}.`);
    if (method !== "GET" && method !== "HEAD") return plain(405, "Only GET and HEAD are answered.");
    try {
      return await route();
    } catch (error) {
      return plain(500, `The answer could not be made: ${reasonOf(error)}.`);
    }
  }
  return {
    answer,
    async fetch(request) {
      const { status, contentType, body } = await answer(request.method, new URL(request.url).pathname);
      const headers = { ...ANSWER_HEADERS, "content-type": contentType };
      return new Response(request.method === "HEAD" ? null : body, { status, headers });
    },
  };
}

function healthAnswer(report: HealthReport): MonitorAnswer {
  const body = `${JSON.stringify(report, null, 2)}\n`;
  return { status: report.ok ? 200 : 503, contentType: "application/json", body };
}

function plain(status: number, text: string): MonitorAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
