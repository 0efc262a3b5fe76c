import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { readEvents } from "./read-events.ts";
import { codeOf, POLL_MS, useStreams } from "./use-streams.ts";

const streams = useStreams();

describe("the event stream of a job", () => {
  test("has how the job is, each change, and the end", async () => {
    const [name, workerId] = ["life", "w"];
    const { id } = await streams.queue.enqueue("t", { secret: 1 }, { queue: name, maxAttempts: 4 });
    const response = await streams.send(`/jobs/${id}/events`);
    const events = readEvents(response);

    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(await events.next()).toEqual({
      name: "message",
      data: {
        ...{ id, state: "queued", progress: null, attempts: 0, maxAttempts: 4, finishedAt: null },
        ...{ runAt: expect.any(String), updatedAt: expect.any(String) },
      },
    });
    const [claimed] = await streams.queue.runs.claim({
      workerId,
      types: ["t"],
      queues: [name],
      limit: 1,
      leaseSeconds: 60,
    });
    expect((await streams.nextEvent(events))?.data).toMatchObject({
      state: "running",
      attempts: 1,
      finishedAt: null,
    });
    await streams.pool.query(
      "UPDATE millrace.claims SET progress = ARRAY['{\"done\": 12345678901234567890}'::jsonb] WHERE $1 = ANY(ids)",
      [id],
    );
    expect((await streams.nextEvent(events))?.data).toMatchObject({
      progress: '{"done": 12345678901234567890}',
    });
    await streams.queue.runs.complete([{ id, leaseToken: claimed?.leaseToken ?? 0 }]);
    expect((await streams.nextEvent(events))?.data).toMatchObject({
      state: "completed",
      finishedAt: expect.any(String),
    });
    expect(await events.rest()).toEqual([{ name: "end", data: { reason: "ended" } }]);
  });

  test("of an ended job has the job and the end, and takes no place", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    await streams.queue.cancel(id);

    const events = await readEvents(await streams.send(`/jobs/${id}/events`)).rest();

    expect(events).toMatchObject([
      { name: "message", data: { id, state: "canceled" } },
      { name: "end", data: { reason: "ended" } },
    ]);
    expect(streams.pass(POLL_MS)).toBe(0);
  });

  test("ends when the job is deleted", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const events = readEvents(await streams.send(`/jobs/${id}/events`));
    await events.next();

    await streams.pool.query("DELETE FROM millrace.waiting_jobs WHERE id = $1", [id]);

    expect(await streams.nextEvent(events)).toEqual({ name: "end", data: { reason: "deleted" } });
    expect(await events.next()).toBeNull();
  });

  test("says nothing while nothing changes: a renewed lease is no change", async () => {
    const { id } = await streams.queue.enqueue("t", {}, { queue: "renewed" });
    await streams.queue.runs.claim({
      workerId: "w",
      types: ["t"],
      queues: ["renewed"],
      limit: 1,
      leaseSeconds: 60,
    });
    const events = readEvents(await streams.send(`/jobs/${id}/events`));
    await events.next();
    let polls = 0;
    for (; polls < 5; polls += streams.pass(POLL_MS)) {
      await streams.pool.query(
        "UPDATE millrace.claims SET updated_at = clock_timestamp() WHERE $1 = ANY(ids)",
        [id],
      );
    }
    await streams.queue.cancel(id);
    await streams.pool.query("UPDATE millrace.claims SET attempts = ARRAY[7] WHERE $1 = ANY(ids)", [id]);

    expect((await streams.nextEvent(events))?.data).toMatchObject({ attempts: 7 });
  });

  test("shows no redacted value of the progress", async () => {
    const redacting = streams.open({ redact: ["card.number"] });
    const { id } = await streams.queue.enqueue("t", {});
    await streams.pool.query("UPDATE millrace.waiting_jobs SET progress = $2 WHERE id = $1", [
      id,
      { card: { number: 4_111, brand: "v" } },
    ]);

    const event = await readEvents(await streams.send(`/jobs/${id}/events`, {}, redacting)).next();

    expect(JSON.stringify(event)).not.toContain("4111");
    expect(event?.data).toMatchObject({ progress: '{"card": {"brand": "v", "number": "[redacted]"}}' });
  });

  test("is read once for all who follow, and not at all when all have left", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const client = new AbortController();
    const readers = [
      readEvents(await streams.send(`/jobs/${id}/events`)),
      readEvents(await streams.send(`/jobs/${id}/events`, { signal: client.signal })),
    ];
    for (const each of readers) await each.next();
    expect(await waitFor(() => streams.pass(POLL_MS) || null, { description: "the poll" })).toBe(1);

    await readers[0]?.leave();
    client.abort();

    await waitFor(() => streams.pass(POLL_MS) === 0, { description: "no poll" });
    expect(await readers[1]?.next()).toBeNull();
  });

  test("ends when the API is closed", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const events = readEvents(await streams.send(`/jobs/${id}/events`));
    await events.next();

    await streams.api.close();

    expect(await events.rest()).toEqual([]);
    expect(await codeOf(await streams.send(`/jobs/${id}/events`))).toEqual([503, "API_CLOSED"]);
  });

  test("needs a job, and the permission to read", async () => {
    const none = "00000000-0000-4000-8000-000000000000";
    expect(await codeOf(await streams.send(`/jobs/${none}/events`))).toEqual([404, "JOB_NOT_FOUND"]);

    const closed = streams.open({ authorize: () => null });
    const { id } = await streams.queue.enqueue("t", {});
    expect(await codeOf(await streams.send(`/jobs/${id}/events`, {}, closed))).toEqual([401, "UNAUTHORIZED"]);
  });

  test("asked for its headers alone takes no place", async () => {
    const { id } = await streams.queue.enqueue("t", {});

    const response = await streams.send(`/jobs/${id}/events`, { method: "HEAD" });

    expect(response.status).toBe(200);
    expect(streams.pass(POLL_MS)).toBe(0);
  });
});
