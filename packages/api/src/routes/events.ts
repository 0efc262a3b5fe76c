import { overview } from "../contract/stats.ts";
import { type ApiParts, define } from "../operation.ts";
import type { Refusal } from "../problem/api-error.ts";
import { problemDocument } from "../problem/problem-response.ts";
import { refusalOf } from "../problem/refusal-of.ts";
import { reportError } from "../report-error.ts";
import { showsQueries } from "../rights.ts";
import { NO_ACTIONS } from "../security/access.ts";
import { readOverview } from "../stats/read-overview.ts";
import { eventStreamResponse, tooManyListeners } from "../stream/event-stream-response.ts";
import { createOverviewFeed } from "../stream/overview-feed.ts";

/** What is sent of an error that nobody expected. */
const FAILED: Refusal = {
  status: 500,
  code: "INTERNAL",
  detail: "The API could not read how everything is, and has reported why.",
};

/** Adds the event stream of overviews. */
export function addEvents(parts: ApiParts): void {
  const { context } = parts;
  const { pool, clock } = context;
  const queue = context.queue(NO_ACTIONS);
  const feed = createOverviewFeed({
    clock,
    read: async () => readOverview({ pool, queue }, await showsQueries(context)),
    problemOf: (error) => problemDocument(refusalOf(error) ?? FAILED),
    onError(error) {
      if (!context.closing.aborted) reportError(context.options, error);
    },
  });
  context.closing.addEventListener("abort", () => void feed.close());
  define(
    parts,
    {
      route: "GET /events",
      tag: "stats",
      summary: "Follow how everything is",
      description:
        "An event stream of overviews, one every 2 s. All who listen share one read of the database. At most 100 may " +
        "listen to one handler. While the read fails, events `problem` have a problem document instead.",
      answer: { events: overview },
    },
    async ({ request }) => {
      // A HEAD request reads no stream, and would keep one of the 100 places for long.
      if (request.method === "HEAD") return eventStreamResponse(null);
      const body = feed.open(request.signal);
      if (body === null) throw tooManyListeners();
      return eventStreamResponse(body);
    },
  );
}
