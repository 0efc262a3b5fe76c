import { createQueue, type Queue } from "@millrace/queue";
import { heldClock, waitFor } from "@millrace/testing";
import { useTestDatabase } from "@millrace/testing/vitest";
import type pg from "pg";
import { afterEach, beforeAll, beforeEach, expect } from "vitest";
import type { ApiOptions } from "../src/api-options.ts";
import { type Api, createApi } from "../src/create-api.ts";
import type { EventReader, ReceivedEvent } from "./read-events.ts";

/** How long the feed of jobs waits between two polls, in ms. */
export const POLL_MS = 1_000;

/** The key of the tokens of a test's APIs. */
export const KEY = "a key of a test, which has 32 bytes or more";

const HEARTBEAT_MS = 15_000;

/** What a test of event streams has. */
export interface Streams {
  readonly url: string;
  readonly pool: pg.Pool;
  readonly queue: Queue;
  /** An API whose senders may read, and nothing else. */
  readonly api: Api;
  /** Opens another API, which is closed after the test. */
  open(options?: Partial<ApiOptions>): Api;
  /** Runs the timers of this length. Returns how many there were. */
  pass(ms: number): number;
  /** Lets polls pass until the next event comes. */
  nextEvent(events: EventReader): Promise<ReceivedEvent | null>;
  /** Sends a request; by default a GET to `api`. */
  send(target: string, init?: RequestInit, to?: Api): Promise<Response>;
}

/** Gives each test of a file an API whose polls the test passes. An error that the API reports fails the test. */
export function useStreams(): Streams {
  const database = useTestDatabase();
  const apis: Api[] = [];
  const failures: unknown[] = [];
  let pool: pg.Pool;
  let queue: Queue;
  let clock: ReturnType<typeof heldClock>;
  let api: Api;

  function open(options: Partial<ApiOptions> = {}): Api {
    const opened = createApi({
      ...{ db: database.url, authorize: () => "read", clock, signingKey: KEY, ...options },
      onError: (error) => failures.push(error),
    });
    apis.push(opened);
    return opened;
  }
  beforeAll(() => {
    pool = database.pool();
    queue = createQueue(pool);
  });
  beforeEach(() => {
    clock = heldClock((ms) => [POLL_MS, 2 * POLL_MS, HEARTBEAT_MS].includes(ms));
    api = open();
  });
  afterEach(async () => {
    for (const each of apis.splice(0)) await each.close();
    expect(failures.splice(0)).toEqual([]);
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
    open,
    pass: (ms) => clock.pass(ms),
    async nextEvent(events) {
      let came = false;
      const event = events.next().finally(() => {
        came = true;
      });
      const passes = () => {
        if (!came) clock.pass(POLL_MS);
        return came;
      };
      await waitFor(passes, { description: "an event" });
      return event;
    },
    send: (target, init = {}, to = api) => to(new Request(`http://ops.test${target}`, init)),
  };
}

/** The status and the code of a problem. */
export async function codeOf(response: Response): Promise<[status: number, code: unknown]> {
  const body = (await response.json()) as { code?: unknown };
  return [response.status, body.code];
}
