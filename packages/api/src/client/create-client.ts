import type { JobListRequest, MillraceClient, Problem } from "./millrace-client.ts";

/** The API refused a request, or failed. `problem` says why. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** What a request carries beside its path. */
interface Sent {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  query?: object;
  body?: unknown;
}

/**
 * Creates a client of the API below an address. `base` is the address or path that the API is mounted at, without a
 * slash at its end. `headers` go along with each request, for a server that asks for a token.
 *
 * @example
 * const client = createClient({ base: "https://ops.example.com/millrace/api", headers: { authorization } });
 * const { jobs } = await client.jobs.list({ state: "failed", queue: "mail" });
 */
export function createClient({
  base,
  headers = {},
  fetch = (url, init) => globalThis.fetch(url, init),
}: {
  base: string;
  headers?: Readonly<Record<string, string>>;
  fetch?: Fetch;
}): MillraceClient {
  const send = async <Answer>(path: string, { method = "GET", query, body }: Sent = {}): Promise<Answer> => {
    const response = await fetch(`${base}${path}${queryText(query)}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new ApiProblem(await problemOf(response));
    // The casts are safe: the server answers by the same schemas.
    return response.status === 204 ? (undefined as Answer) : ((await response.json()) as Answer);
  };
  const job = (id: string) => `/jobs/${encodeURIComponent(id)}`;
  const queue = (name: string) => `/queues/${encodeURIComponent(name)}`;
  const schedule = (name: string) => `/schedules/${encodeURIComponent(name)}`;
  return {
    session: () => send("/session"),
    jobs: {
      list: (request = {}) => send("/jobs", { query: selectionQuery(request) }),
      count: (selection = {}) => send("/jobs/count", { query: selectionQuery(selection) }),
      failures: (filter = {}) => send("/jobs/failures", { query: filter }),
      get: (id) => send(job(id)),
      explain: (id) => send(`${job(id)}/explanation`),
      enqueue: (body) => send("/jobs", { method: "POST", body }),
      duplicate: (id) => send(`${job(id)}/duplicate`, { method: "POST", body: {} }),
      cancel: (id) => send(`${job(id)}/cancel`, { method: "POST", body: {} }),
      retry: (id) => send(`${job(id)}/retry`, { method: "POST", body: {} }),
      runNow: (id) => send(`${job(id)}/run-now`, { method: "POST", body: {} }),
      change: (id, body) => send(job(id), { method: "PATCH", body }),
      delete: (id) => send(job(id), { method: "DELETE" }),
      bulk: (action, body) => send(`/bulk/${action}`, { method: "POST", body }),
      watchToken: (id, ttlMs) =>
        send(`${job(id)}/watch-token`, { method: "POST", body: ttlMs === undefined ? {} : { ttlMs } }),
    },
    queues: {
      list: () => send("/queues"),
      pause: (name) => send(`${queue(name)}/pause`, { method: "POST", body: {} }),
      resume: (name) => send(`${queue(name)}/resume`, { method: "POST", body: {} }),
      set: (name, settings) => send(`${queue(name)}/settings`, { method: "PUT", body: { settings } }),
    },
    schedules: {
      list: (request = {}) => send("/schedules", { query: request }),
      get: (name) => send(schedule(name)),
      ticks: (name, limit) => send(`${schedule(name)}/ticks`, { query: { limit } }),
      create: (body) => send("/schedules", { method: "POST", body }),
      update: (name, body) => send(schedule(name), { method: "PATCH", body }),
      delete: (name) => send(schedule(name), { method: "DELETE" }),
      enable: (name) => send(`${schedule(name)}/enable`, { method: "POST", body: {} }),
      disable: (name) => send(`${schedule(name)}/disable`, { method: "POST", body: {} }),
      runNow: (name) => send(`${schedule(name)}/run-now`, { method: "POST", body: {} }),
      preview: (body) => send("/schedules/preview", { method: "POST", body }),
    },
    workers: { list: () => send("/workers") },
    stats: {
      overview: () => send("/stats/overview"),
      history: (request = {}) => send("/stats/history", { query: request }),
      snapshotHolders: () => send("/stats/snapshot-holders"),
    },
    audit: {
      list: (request = {}) => send("/audit", { query: request }),
      undo: (commandId) => send(`/audit/${encodeURIComponent(commandId)}/undo`, { method: "POST", body: {} }),
    },
    eventsUrl: `${base}/events`,
    jobEventsUrl: (id, token) => `${base}${job(id)}/events${queryText({ token })}`,
  };
}

/** A list of tags or ids is sent as one field for each. */
const selectionQuery = ({ tags, ids, ...rest }: JobListRequest) => ({ ...rest, tag: tags, id: ids });

function queryText(query: object = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query) as [string, unknown][]) {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== undefined) search.append(name, String(each));
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

async function problemOf(response: Response): Promise<Problem> {
  const { status, statusText } = response;
  try {
    return (await response.json()) as Problem;
  } catch {
    // The answer is not the API's, but that of something before it, such as a proxy.
    const title = statusText || `Status ${status}`;
    return {
      type: "about:blank",
      title,
      status,
      detail: `The server answered ${status}.`,
      code: "NO_ANSWER",
    };
  }
}
