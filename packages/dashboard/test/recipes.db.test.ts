import { createQueue, type Queue } from "@millrace/queue";
import { useTestDatabase } from "@millrace/testpg/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RECIPES, type StartedRecipe, TOKEN } from "./recipes/start-recipe.ts";

const database = useTestDatabase();
let queue: Queue;

beforeAll(() => {
  queue = createQueue(database.pool());
});

describe.each(RECIPES)("the dashboard in %s", (_name, start) => {
  let recipe: StartedRecipe;

  beforeAll(async () => {
    recipe = await start({ pool: database.pool(), url: database.url });
  });
  afterAll(() => recipe.stop());

  const bearer = { authorization: `Bearer ${TOKEN}` };
  const post = (path: string, body: unknown, headers: Record<string, string> = bearer) =>
    recipe.fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });

  test("shows its page at its path and at every path below, and loads its assets", async () => {
    for (const path of ["/ops/millrace", "/ops/millrace/", "/ops/millrace/schedules/a%2Fb.c?q=%2F"]) {
      const page = await recipe.fetch(path);
      expect({ path, status: page.status }).toEqual({ path, status: 200 });
      const html = await page.text();
      expect(html).toContain('<meta name="millrace-base" content="/ops/millrace">');
      const [, script = ""] = /<script type="module" src="([^"]+)"/.exec(html) ?? [];
      const asset = await recipe.fetch(script);
      expect(asset.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
      expect((await asset.text()).length).toBeGreaterThan(1_000);
    }
  });

  test("leaves the other paths to its server", async () => {
    expect((await recipe.fetch("/other")).status).toBe(404);
  });

  test("reads a job for a program with the token, and for nobody else", async () => {
    const { id } = await queue.enqueue("send", { n: 1 });

    const answer = await recipe.fetch(`/ops/millrace/api/jobs/${id}`, { headers: bearer });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ id, type: "send", payload: '{"n": 1}' });
    expect((await recipe.fetch(`/ops/millrace/api/jobs/${id}`)).status).toBe(401);
  });

  test("does an action, whose body a parser may have read", async () => {
    const { id } = await queue.enqueue("send", {}, { delayMs: 3_600_000 });

    const enqueued = await post("/ops/millrace/api/jobs", {
      type: "send",
      payload: '{"n":9007199254740993}',
    });
    expect(enqueued.status).toBe(200);
    expect((await post(`/ops/millrace/api/jobs/${id}/cancel`, {})).status).toBe(200);

    expect((await queue.get(id)).state).toBe("canceled");
    const made: unknown = await enqueued.json();
    expect(made).toMatchObject({ result: "enqueued" });
  });

  test("lets a user log in and out on its page", async () => {
    const login = await post("/ops/millrace/api/session/login", { token: TOKEN }, {});
    const cookie = login.headers.get("set-cookie") ?? "";
    const session = (headers: Record<string, string>) =>
      recipe.fetch("/ops/millrace/api/session", { headers });

    expect(login.status).toBe(204);
    expect(cookie).toMatch(/HttpOnly/i);
    expect(cookie).toMatch(/SameSite=Strict/i);
    expect(cookie).toMatch(/Path=\/ops\/millrace(;|$)/i);
    expect((await session({ cookie: cookie.split(";", 1)[0] ?? "" })).status).toBe(200);
    expect((await session({})).status).toBe(401);
    expect((await post("/ops/millrace/api/session/login", { token: "wrong" }, {})).status).toBe(401);
  });

  test("streams a job's events as they come, and ends with the job", async () => {
    const { id } = await queue.enqueue("send", {}, { delayMs: 3_600_000 });
    const stream = await recipe.fetch(`/ops/millrace/api/jobs/${id}/events`, { headers: bearer });
    const events = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = "";
    const readUntil = async (text: string) => {
      while (!seen.includes(text)) {
        const next = await events?.read();
        if (next?.done !== false) throw new Error(`the stream ended before ${text}: ${seen}`);
        seen += next.value;
      }
    };

    await readUntil('"state":"queued"');
    await queue.cancel(id);
    await readUntil('"state":"canceled"');

    expect(stream.headers.get("content-type")).toContain("text/event-stream");
    while ((await events?.read())?.done === false);
  });
});
