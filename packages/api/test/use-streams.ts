import type { Queue } from "@millrace/queue";
import { heldClock, waitFor } from "@millrace/testpg";
import type pg from "pg";
import type { ApiOptions } from "../src/api-options.ts";
import type { Api } from "../src/create-api.ts";
import type { EventReader, ReceivedEvent } from "./read-events.ts";
import { useApi } from "./use-api.ts";

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
  /** What the APIs of the test reported. The test fails if an error is left here. */
  readonly reported: unknown[];
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
  const clock = heldClock((ms) => [POLL_MS, 2 * POLL_MS, HEARTBEAT_MS].includes(ms));
  const opened = useApi({ authorize: () => "read", clock, signingKey: KEY });
  return {
    reported: opened.reported,
    get url() {
      return opened.url;
    },
    get pool() {
      return opened.pool;
    },
    get queue() {
      return opened.queue;
    },
    get api() {
      return opened.api;
    },
    open: opened.open,
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
    send: (target, init = {}, to = opened.api) => to(new Request(`http://ops.test${target}`, init)),
  };
}

/** The status and the code of a problem. */
export async function codeOf(response: Response): Promise<[status: number, code: unknown]> {
  const body = (await response.json()) as { code?: unknown };
  return [response.status, body.code];
}
