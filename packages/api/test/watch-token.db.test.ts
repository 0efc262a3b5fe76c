import { describe, expect, test } from "vitest";
import { type Api, createApi } from "../src/create-api.ts";
import { createWatchToken } from "../src/watch/watch-token.ts";
import { readEvents } from "./read-events.ts";
import { codeOf, KEY, useStreams } from "./use-streams.ts";

const streams = useStreams();

describe("a watch token", () => {
  const closed = () => streams.open({ authorize: () => null, watchOrigins: ["https://app.example.com"] });

  const post = (to: Api, id: string, body: object) =>
    streams.send(
      `/jobs/${id}/watch-token`,
      { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
      to,
    );

  async function tokenOf(id: string) {
    const response = await post(streams.open({ authorize: () => ({ actions: ["jobs.watch"] }) }), id, {});
    expect(response.status).toBe(200);
    return (await response.json()) as { token: string; expiresAt: string; path: string };
  }

  test("opens the stream of its job to somebody without any permission", async () => {
    const { id } = await streams.queue.enqueue("t", { secret: 1 });
    const { token, path, expiresAt } = await tokenOf(id);
    const { rows } = await streams.pool.query("SELECT $1::timestamptz - now() AS left", [expiresAt]);

    const event = await readEvents(await streams.send(path, {}, closed())).next();

    expect(path).toBe(`/jobs/${id}/events?token=${token}`);
    expect(rows[0].left.minutes).toBe(9);
    expect(event?.data).toEqual({
      ...{ id, state: "queued", progress: null, attempts: 0, maxAttempts: 10, finishedAt: null },
      ...{ runAt: expect.any(String), updatedAt: expect.any(String) },
    });
  });

  test("opens no other stream, and nothing else", async () => {
    const [{ id }, other] = [await streams.queue.enqueue("t", {}), await streams.queue.enqueue("t", {})];
    const { token } = await tokenOf(id);
    const bare = closed();

    expect(await codeOf(await streams.send(`/jobs/${other.id}/events?token=${token}`, {}, bare))).toEqual([
      401,
      "INVALID_TOKEN",
    ]);
    for (const path of [`/jobs/${id}`, "/jobs", "/events", "/session", "/workers"]) {
      expect((await streams.send(`${path}?token=${token}`, {}, bare)).status).toBe(401);
      const headers = { authorization: `Bearer ${token}` };
      expect((await streams.send(path, { headers }, bare)).status).toBe(401);
    }
  });

  test("does not take the places of people with access, however often it is used", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const { path } = await tokenOf(id);
    const opened = await Promise.all(Array.from({ length: 500 }, () => streams.send(path)));

    expect(new Set(opened.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await codeOf(await streams.send(path))).toEqual([503, "TOO_MANY_LISTENERS"]);
    const withAccess = await streams.send(`/jobs/${id}/events`);
    expect(withAccess.status).toBe(200);
    for (const { body } of [...opened, withAccess]) await body?.cancel();
  });

  test("that is wrong is refused, also from somebody who may read", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const { token } = await tokenOf(id);
    const forged = createWatchToken({ signingKey: "b".repeat(32), jobId: id });

    for (const wrong of ["", "a.b", forged, `${token}A`, token.toLowerCase()]) {
      const target = `/jobs/${id}/events?token=${encodeURIComponent(wrong)}`;
      expect(await codeOf(await streams.send(target))).toEqual([401, "INVALID_TOKEN"]);
    }
    expect(await codeOf(await streams.send(`/jobs/${id}/events?token=${token}&token=${token}`))).toEqual([
      400,
      "INVALID_REQUEST",
    ]);
  });

  test("that has expired by the database's clock is refused, and answered as a forged one", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const { rows } = await streams.pool.query("SELECT now() - interval '1 minute' AS ago");
    const token = createWatchToken({ signingKey: KEY, jobId: id, ttlMs: 59_000, from: rows[0].ago });

    expect(await codeOf(await streams.send(`/jobs/${id}/events?token=${token}`, {}, closed()))).toEqual([
      401,
      "INVALID_TOKEN",
    ]);
  });

  test("that expires ends its stream, and no other", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const { rows } = await streams.pool.query("SELECT now() AS now");
    const token = createWatchToken({ signingKey: KEY, jobId: id, ttlMs: 3_000, from: rows[0].now });
    const [short, long] = [
      readEvents(await streams.send(`/jobs/${id}/events?token=${token}`)),
      readEvents(await streams.send(`/jobs/${id}/events`)),
    ];
    await short.next();
    await long.next();

    expect(await streams.nextEvent(short)).toEqual({ name: "end", data: { reason: "expired" } });
    expect(await short.next()).toBeNull();
    await streams.queue.cancel(id);
    expect((await streams.nextEvent(long))?.data).toMatchObject({ state: "canceled" });
  });

  test("shows no more than its fields say", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    await streams.pool.query("UPDATE millrace.waiting_jobs SET progress = '5' WHERE id = $1", [id]);
    const token = createWatchToken({ signingKey: KEY, jobId: id, fields: [] });

    const event = await readEvents(await streams.send(`/jobs/${id}/events?token=${token}`)).next();

    expect(event?.data).toMatchObject({ state: "queued", progress: null, runAt: null, attempts: 0 });
  });

  test("of this process is made for a job that is there, and needs the action", async () => {
    const none = "00000000-0000-4000-8000-000000000000";
    const all = streams.open({ authorize: () => "all" });

    expect(await codeOf(await post(all, none, {}))).toEqual([404, "JOB_NOT_FOUND"]);
    const { id } = await streams.queue.enqueue("t", {});
    expect(await codeOf(await post(streams.api, id, {}))).toEqual([403, "FORBIDDEN"]);
    for (const ttlMs of [0, 999, 86_400_001, 1.5, "1000"]) {
      expect(await codeOf(await post(all, id, { ttlMs }))).toEqual([400, "INVALID_REQUEST"]);
    }
  });

  test("is good for one process, when no key is given", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    const { token } = await tokenOf(id);
    const other = createApi({ db: streams.url, authorize: () => null });

    const answer = await streams.send(`/jobs/${id}/events?token=${token}`, {}, other);

    expect(await codeOf(answer)).toEqual([401, "INVALID_TOKEN"]);
    await other.close();
  });

  test("may be used by pages of the origins that the API was given, and by no others", async () => {
    const { id } = await streams.queue.enqueue("t", {});
    await streams.queue.cancel(id);
    const { path } = await tokenOf(id);
    const from = async (origin: string, target: string, which: Api) => {
      const { headers } = await streams.send(target, { headers: { origin } }, which);
      return [headers.get("access-control-allow-origin"), headers.get("access-control-allow-credentials")];
    };
    const bare = closed();
    const app = "https://app.example.com";

    expect(await from(app, path, bare)).toEqual([app, null]);
    expect(await from("https://evil.example.com", path, bare)).toEqual([null, null]);
    expect(await from(app, path, streams.api)).toEqual([null, null]);
    const reading = streams.open({ watchOrigins: [app] });
    expect(await from(app, `/jobs/${id}/events`, reading)).toEqual([null, null]);
    expect(await from(app, `/jobs/${id}`, reading)).toEqual([null, null]);
  });

  test.each([["*"], ["https://app.example.com/"], ["app.example.com"], [7], "https://app.example.com"])(
    "%j are no origins",
    (watchOrigins) => {
      expect(() => streams.open({ watchOrigins } as never)).toThrow(
        expect.objectContaining({ code: "INVALID_OPTION" }),
      );
    },
  );

  test("needs a key of 32 bytes", () => {
    expect(() => streams.open({ signingKey: "short" })).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});
