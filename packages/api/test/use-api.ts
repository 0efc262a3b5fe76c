import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { ApiOptions } from "../src/api-options.ts";
import { type Api, createApi } from "../src/create-api.ts";

/** Where the APIs of tests are. */
export const ORIGIN = "https://ops.example.com";

/** An answer, with its body read. */
export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: a test reads whatever fields it asserts.
  body: any;
}

/** What a test of the API has. */
export interface ApiOfTest {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly queue: Queue;
  /** An API that lets everybody do everything, unless the file says otherwise. */
  readonly api: Api;
  /** What the APIs of the test reported. The test fails if an error is left here. */
  readonly reported: unknown[];
  /** Opens another API, which is closed after the test. */
  open(options?: Partial<ApiOptions>): Api;
  /** Sends a request with a JSON body to `api`, or to another one. */
  send(
    method: string,
    path: string,
    body?: unknown,
    more?: { to?: Api; headers?: Record<string, string> },
  ): Promise<Answer>;
}

/** Gives each test of a file an API on a database of the file's own. */
export function useApi(fileOptions: Partial<ApiOptions> = {}): ApiOfTest {
  const database = useTestDatabase();
  const apis: Api[] = [];
  const reported: unknown[] = [];
  let pool: pg.Pool;
  let queue: Queue;
  let api: Api;
  const open = (options: Partial<ApiOptions> = {}) => {
    const onError = (error: unknown) => void reported.push(error);
    const opened = createApi({
      ...{ db: database.url, authorize: () => "all", onError, ...fileOptions, ...options },
    });
    apis.push(opened);
    return opened;
  };
  beforeAll(() => {
    pool = database.pool();
    queue = createQueue(pool);
  });
  beforeEach(() => {
    api = open();
  });
  afterEach(async () => {
    for (const each of apis.splice(0)) await each.close();
    expect(reported.splice(0)).toEqual([]);
  });
  return {
    get url() {
      return database.url;
    },
    get pool() {
      return pool;
    },
    get queue() {
      return queue;
    },
    get api() {
      return api;
    },
    reported,
    open,
    async send(method, path, body, { to = api, headers = {} } = {}) {
      const response = await to(requestOf(method, path, body, headers));
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: text === "" ? null : (JSON.parse(text) as unknown),
      };
    },
  };
}

/** Makes a request with a JSON body. */
export function requestOf(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Request {
  return new Request(`${ORIGIN}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
}
