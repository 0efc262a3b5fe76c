import { expect, test } from "vitest";
import { useApi } from "./use-api.ts";

const ops = useApi();

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`;

test.each([
  ["a NUL", '"a\\u0000b"'],
  ["half a surrogate pair", '"\\ud800"'],
  ["10,000 levels", nested(10_000)],
  ["a number beyond those of PostgreSQL", "1e999999"],
  ["no JSON", "{"],
  ["4 MiB and a byte", JSON.stringify("x".repeat(4_194_303))],
])("a payload with %s is refused with a code, and nothing is written", async (_what, payload) => {
  const { status, body } = await ops.send("POST", "/jobs", { type: "hostile", payload });

  expect(status).toBeGreaterThanOrEqual(400);
  expect(status).toBeLessThan(500);
  expect(body.code).toMatch(/^[A-Z_]+$/);
  const { rows } = await ops.pool.query(
    "SELECT FROM millrace.jobs WHERE type = 'hostile' UNION ALL SELECT FROM millrace.job_payloads",
  );
  expect(rows).toEqual([]);
});

test.each([
  ["__proto__", '{"__proto__": {"polluted": true}}'],
  ["a number that JavaScript rounds", '{"n": 9007199254740993}'],
  ["400 levels", nested(400)],
])("a payload with %s is stored and read whole", async (_what, payload) => {
  const { body: made } = await ops.send("POST", "/jobs", { type: "whole", payload });

  const { body } = await ops.send("GET", `/jobs/${made.id}`);

  expect(body.payload).toBe(payload);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});
