import { randomBytes } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { InvalidOptionError } from "@millrace/base";
import { JobNotFoundError } from "@millrace/queue";
import type { ApiContext } from "../api-context.ts";
import { jobEvent, watchToken } from "../contract/job.ts";
import { iso } from "../iso.ts";
import { type ApiParts, define } from "../operation.ts";
import { ApiError } from "../problem/api-error.ts";
import { reportError } from "../report-error.ts";
import { requireAccess } from "../security/admit.ts";
import { eventStreamResponse, tooManyListeners } from "../stream/event-stream-response.ts";
import { followJob } from "../stream/follow-job.ts";
import { createJobFeed, GUEST_PLACES, type JobFeed } from "../stream/job-feed.ts";
import {
  checkSigningKey,
  createWatchToken,
  readWatchToken,
  WATCH_FIELDS,
  WATCH_TTL_MAX_MS,
  WATCH_TTL_MS,
  type WatchClaims,
} from "../watch/watch-token.ts";
import { jobParams } from "./jobs-read.ts";

/** Adds the event stream of one job, and the tokens for it. */
export function addWatch(parts: ApiParts): void {
  const { context } = parts;
  const { options } = context;
  // Without a key, tokens are good for this process alone.
  const signingKey = checkSigningKey(options.signingKey ?? randomBytes(32));
  const origins = checkOrigins(options.watchOrigins ?? []);
  const feed = openFeed(context);
  defineEvents(parts, { signingKey, origins, feed });
  define(
    parts,
    {
      route: "POST /jobs/{id}/watch-token",
      tag: "jobs",
      summary: "Let somebody follow a job",
      description:
        "Makes a token with which anybody may read the events of this job, and nothing else, until the token " +
        "expires. It shows the state, the count of attempts, the progress and when the job is due; never the " +
        "payload, the output or an error.",
      params: jobParams,
      body: z.strictObject({ ttlMs: z.int().min(1_000).max(WATCH_TTL_MAX_MS).default(WATCH_TTL_MS) }),
      answer: watchToken,
    },
    async ({ params, body: { ttlMs } }) => {
      const { event, nowMs } = await feed.readNow(params.id.toLowerCase());
      if (event === null) throw new JobNotFoundError(params.id);
      const token = createWatchToken({ signingKey, jobId: event.id, ttlMs, from: new Date(nowMs) });
      const path = `${context.basePath}/jobs/${event.id}/events?token=${token}`;
      return { token, expiresAt: iso(new Date(nowMs + ttlMs)), path };
    },
  );
}

function openFeed({ pool, clock, redact, options, closing }: ApiContext): JobFeed {
  const feed = createJobFeed({
    db: pool,
    clock,
    redact: (json) => redact.text(json).text,
    onError(error) {
      if (!closing.aborted) reportError(options, error);
    },
  });
  closing.addEventListener("abort", () => void feed.close());
  return feed;
}

interface Watching {
  signingKey: Uint8Array;
  /** Whose pages may read a stream by a token. */
  origins: ReadonlySet<string>;
  feed: JobFeed;
}

function defineEvents(parts: ApiParts, { signingKey, origins, feed }: Watching): void {
  define(
    parts,
    {
      route: "GET /jobs/{id}/events",
      tag: "jobs",
      summary: "Follow a job",
      description:
        "An event stream: how the job is now, then each change within about a second, and at last an event `end` " +
        "whose data has a `reason`: `ended`, `deleted` or `expired`. Close the stream then. " +
        "With a watch token, no other permission is needed.",
      params: jobParams,
      query: z.object({ token: z.string().max(1_000).optional() }),
      answer: { events: jobEvent },
    },
    async ({ params, query: { token }, request }) => {
      const id = params.id.toLowerCase();
      const claims = token === undefined ? null : claimsOf(signingKey, { token, id });
      if (claims === null) await requireAccess(parts.context, request);
      // A token is in the address: the browser adds no cookie to a request of another origin without being asked.
      const headers = token === undefined ? {} : sharedWith(origins, request.headers.get("origin"));
      if (request.method === "HEAD") return eventStreamResponse(null, headers);
      const places = claims === null ? {} : GUEST_PLACES;
      if (!feed.hasRoom(id, places)) throw tooManyListeners();
      const { event, nowMs } = await feed.readNow(id);
      const { expiresMs, fields } = claims ?? { expiresMs: Number.POSITIVE_INFINITY, fields: WATCH_FIELDS };
      if (nowMs >= expiresMs) throw badToken();
      if (event === null) throw new JobNotFoundError(id);
      // Others may have come during the read.
      if (!feed.hasRoom(id, places)) throw tooManyListeners();
      return eventStreamResponse(
        followJob(feed, { event, fields, expiresMs, signal: request.signal }),
        headers,
      );
    },
  );
}

function claimsOf(signingKey: Uint8Array, { token, id }: { token: string; id: string }): WatchClaims {
  const claims = readWatchToken(signingKey, token);
  if (claims?.jobId !== id) throw badToken();
  return claims;
}

/** The refusal of a token. Says the same of every bad one. */
function badToken(): ApiError {
  return new ApiError({
    status: 401,
    code: "INVALID_TOKEN",
    detail: "The token is not one for this job, or it has expired. Ask for a new one.",
  });
}

function sharedWith(origins: ReadonlySet<string>, origin: string | null): Record<string, string> {
  if (origins.size === 0) return {};
  const allowed = origin !== null && origins.has(origin);
  return { vary: "origin", ...(allowed ? { "access-control-allow-origin": origin } : {}) };
}

/** Checks that each origin is one as browsers send it: a scheme, a host, and a port if it is not the usual one. */
function checkOrigins(origins: readonly string[]): ReadonlySet<string> {
  if (!Array.isArray(origins)) throw new InvalidOptionError("watchOrigins", "an array of origins", origins);
  for (const origin of origins) {
    if (typeof origin === "string" && URL.canParse(origin) && new URL(origin).origin === origin) continue;
    throw new InvalidOptionError("watchOrigins", "origins such as `https://app.example.com`", origin);
  }
  return new Set(origins);
}
