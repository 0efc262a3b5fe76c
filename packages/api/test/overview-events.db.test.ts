import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { type EventReader, readEvents } from "./read-events.ts";
import { codeOf, POLL_MS, useStreams } from "./use-streams.ts";

const streams = useStreams();

/** The overview is read every two seconds. */
const EVERY_MS = 2 * POLL_MS;

const openStream = async (): Promise<EventReader> => readEvents(await streams.send("/events"));

/** Lets the next poll come. */
const pass = () => waitFor(() => streams.pass(EVERY_MS) > 0, { description: "the timer of the next poll" });

describe("the event stream of overviews", () => {
  test("has how everything is at once, and again every 2 s", async () => {
    const events = await openStream();

    expect((await events.next())?.data).toMatchObject({ queued: { count: 0 }, at: expect.any(String) });
    await streams.queue.enqueue("t", {});
    await pass();
    expect((await events.next())?.data).toMatchObject({ queued: { count: 1 } });
    await pass();
    expect((await events.next())?.data).toMatchObject({ queued: { count: 1 } });
    await events.leave();
  });

  test("is read once for all who listen, and not at all when nobody does", async () => {
    const first = await openStream();
    const { data } = (await first.next()) ?? {};
    const others = await Promise.all([openStream(), openStream()]);

    // Who comes later gets the latest overview at once.
    for (const each of others) expect((await each.next())?.data).toEqual(data);
    expect(await waitFor(() => streams.pass(EVERY_MS) || null, { description: "the poll" })).toBe(1);
    const [a, b] = await Promise.all([first.next(), others[0]?.next()]);
    expect(a).toEqual(b);
    for (const each of [first, ...others]) await each.leave();
    await waitFor(() => streams.pass(EVERY_MS) === 0, { description: "no timer" });
  });

  test("shows a client that comes after everybody has left nothing old", async () => {
    const first = await openStream();
    const { data } = (await first.next()) ?? {};
    await first.leave();

    const events = await openStream();

    expect((await events.next())?.data).not.toEqual(data);
    await events.leave();
  });

  test("is open to 100 at a time, and again to others when one has left", async () => {
    const readers = await Promise.all(Array.from({ length: 100 }, openStream));

    expect(await codeOf(await streams.send("/events"))).toEqual([503, "TOO_MANY_LISTENERS"]);
    expect((await streams.send("/events", { method: "HEAD" })).status).toBe(200);
    await readers[7]?.leave();
    const again = await streams.send("/events");
    expect(again.status).toBe(200);
    await again.body?.cancel();
    await Promise.all(readers.map((each) => each.leave()));
  });

  test("keeps no connection in use between two polls", async () => {
    const events = await openStream();
    await events.next();

    const { rows } = await streams.pool.query(
      `SELECT count(*)::int AS busy FROM pg_stat_activity
       WHERE application_name = 'millrace-api' AND datname = current_database() AND state <> 'idle'`,
    );

    expect(rows[0].busy).toBe(0);
    await events.leave();
  });

  test("says what is wrong while the database does not answer, and goes on when it does", async () => {
    const events = await openStream();
    await events.next();

    await streams.pool.query("ALTER SCHEMA millrace RENAME TO away");
    await pass();
    expect(await events.next()).toMatchObject({
      name: "problem",
      data: { status: 503, code: "SCHEMA_MISSING", detail: expect.stringContaining("millrace migrate") },
    });
    await pass();
    expect((await events.next())?.name).toBe("problem");
    await streams.pool.query("ALTER SCHEMA away RENAME TO millrace");
    await pass();
    expect((await events.next())?.data).toMatchObject({ queued: { count: expect.any(Number) } });
    await events.leave();
    expect(streams.reported.splice(0)).toHaveLength(1);
  });

  test("ends when the API is closed", async () => {
    const events = await openStream();
    await events.next();

    await streams.api.close();

    expect(await events.rest()).toEqual([]);
  });

  test("needs the permission to read", async () => {
    const closed = streams.open({ authorize: () => null });

    expect(await codeOf(await streams.send("/events", {}, closed))).toEqual([401, "UNAUTHORIZED"]);
  });
});
