import { expect, test } from "vitest";
import { createClient } from "../src/client.ts";
import { PERMISSIONS } from "../src/security/permissions.ts";
import { ORIGIN, requestOf, useApi } from "./use-api.ts";

const fixture = useApi();

interface Operation {
  summary?: string;
  description?: string;
  tags?: string[];
  requestBody?: { content?: object };
  parameters?: { name: string; in: string; schema?: object }[];
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}

test("the document has every route, each with words, its permission, its answer and its problems", async () => {
  const { status, body } = await fixture.send("GET", "/openapi.json");
  expect({ status, version: body.openapi, title: body.info.title }).toEqual({
    ...{ status: 200, version: "3.1.0", title: "Millrace" },
  });
  const operations = Object.entries(body.paths as Record<string, Record<string, Operation>>).flatMap(
    ([path, methods]) =>
      Object.entries(methods).map(
        ([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const,
      ),
  );

  expect(operations.map(([route]) => route).sort()).toEqual(Object.keys(PERMISSIONS).sort());
  for (const [route, operation] of operations) {
    const permission = PERMISSIONS[route as keyof typeof PERMISSIONS];
    expect([route, operation.description]).toEqual([route, expect.stringContaining(`\`${permission}\``)]);
    expect([route, operation.summary, operation.tags?.length]).toEqual([
      route,
      expect.stringMatching(/\w/),
      1,
    ]);
    const path = [...route.matchAll(/\{(.+?)\}/g)].map(([, name]) => name);
    const inPath = (operation.parameters ?? []).filter((each) => each.in === "path").map(({ name }) => name);
    expect([route, inPath]).toEqual([route, path]);
    const hasBody = /^(POST|PUT|PATCH)/.test(route);
    expect([route, operation.requestBody !== undefined]).toEqual([route, hasBody]);
    const answers = Object.keys(operation.responses);
    expect([route, answers.filter((each) => each < "300").length]).toEqual([route, 1]);
    for (const problem of ["400", "401", "403", "404", "500", "503"]) {
      expect([route, operation.responses[problem]?.content]).toEqual([
        ...[route, { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }],
      ]);
    }
  }
});

test("no reference of the document leads nowhere", async () => {
  const { body } = await fixture.send("GET", "/openapi.json");
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name = ""]) => name,
  );

  expect(references.length).toBeGreaterThan(50);
  for (const name of new Set(references)) expect(Object.keys(body.components.schemas)).toContain(name);
});

test("the client's requests reach the routes: enqueue, list, command, undo", async () => {
  const client = createClient({
    base: ORIGIN,
    fetch: (url, { method = "GET", body, headers }) =>
      fixture.api(
        requestOf(method, url.slice(ORIGIN.length), body ?? undefined, headers as Record<string, string>),
      ),
  });

  const { id } = await client.jobs.enqueue({ type: "a-job", tags: ["x", "y"], payload: '{"n": 1}' });
  const page = await client.jobs.list({ tags: ["x", "y"], ids: [id], state: "queued", limit: 5 });
  expect(page.jobs.map((job) => job.id)).toEqual([id]);
  expect(await client.jobs.count({ state: "queued" })).toEqual({ count: 1, capped: false });
  const { commandId } = await client.jobs.cancel(id);
  expect(await client.audit.undo(commandId ?? "")).toEqual({ restored: 1, left: 0 });
  expect(await client.jobs.change(id, { priority: 3 })).toMatchObject({ id, result: "changed" });
  expect((await client.jobs.get(id)).priority).toBe(3);
  expect((await client.jobs.explain(id)).reasons).not.toEqual([]);
  const copy = await client.jobs.duplicate(id);
  expect(await client.jobs.bulk("delete", { filter: { ids: [copy.id] } })).toMatchObject({
    changed: 1,
    done: true,
  });
  expect(await client.jobs.delete(id)).toEqual({ id, result: "deleted", commandId: null });
  await expect(client.jobs.get(id)).rejects.toMatchObject({
    problem: { status: 404, code: "JOB_NOT_FOUND" },
  });
  expect((await client.audit.list({ limit: 2 })).entries).toHaveLength(2);
  expect((await client.session()).actions.length).toBeGreaterThan(10);
});
