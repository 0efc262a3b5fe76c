import { z } from "@hono/zod-openapi";
import type { QueueSettings } from "@millrace/queue";
import { queueList, queueSettings } from "../contract/queue.ts";
import { type ApiParts, define } from "../operation.ts";
import { queueRows } from "../queue/queue-rows.ts";

/** The name of a queue in a path. The library checks it. */
const queueParams = z.object({ name: z.string().min(1) });

/** Adds the operations on queues. */
export function addQueues(parts: ApiParts): void {
  const { context } = parts;
  define(
    parts,
    {
      route: "GET /queues",
      tag: "queues",
      summary: "List queues",
      description:
        "Returns every queue that has waiting or running jobs, is paused, has settings, counted anything in the last " +
        "hour, or is claimed from by a living worker, by name. Its cost does not grow with the count of jobs.",
      answer: queueList,
    },
    async ({ access }) => {
      const queue = context.queue(access);
      // One after the other: a request holds one connection at a time.
      const depths = await queue.depths();
      const lastHour = await queue.lastHour();
      return { queues: queueRows({ depths, lastHour, workers: await queue.workers() }) };
    },
  );
  define(
    parts,
    {
      route: "POST /queues/{name}/pause",
      tag: "queues",
      summary: "Pause a queue",
      description:
        "After their next poll, workers claim no more jobs of the queue. Jobs that are claimed run on. A queue that " +
        "is paused stays so.",
      params: queueParams,
      answer: null,
    },
    async ({ access, params }) => {
      await context.queue(access).pause(params.name);
      return undefined;
    },
  );
  define(
    parts,
    {
      route: "POST /queues/{name}/resume",
      tag: "queues",
      summary: "Resume a queue",
      description: "Workers claim jobs of the queue again. A queue that is not paused stays so.",
      params: queueParams,
      answer: null,
    },
    async ({ access, params }) => {
      await context.queue(access).resume(params.name);
      return undefined;
    },
  );
  defineSettings(parts);
}

function defineSettings(parts: ApiParts): void {
  define(
    parts,
    {
      route: "PUT /queues/{name}/settings",
      tag: "queues",
      summary: "Set what holds for a queue's jobs",
      description:
        "Sets backoff, time-out, retention and dead letter where neither the job nor its task says it. Takes the " +
        "place of all earlier settings; null removes them.",
      params: queueParams,
      body: z.strictObject({ settings: queueSettings.nullable() }),
      answer: null,
    },
    async ({ access, params, body }) => {
      // The cast is safe: the library checks each field of the settings.
      await parts.context.queue(access).setQueue(params.name, body.settings as QueueSettings | null);
      return undefined;
    },
  );
}
