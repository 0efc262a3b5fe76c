import { expect, test } from "vitest";
import { z } from "zod";
import { type Upcaster, upcast, upcaster } from "./upcaster.ts";

const v1 = z.strictObject({ name: z.string() });
const v2 = z.strictObject({ first: z.string(), last: z.string() });
const v3 = z.strictObject({ first: z.string(), last: z.string(), locale: z.string() });

const UPCASTERS: Upcaster[] = [
  upcaster(v2, (old) => ({ ...old, locale: "en" })),
  upcaster(v1, ({ name }) => ({ first: name.split(" ")[0], last: name.split(" ")[1] ?? "" })),
];

const today = { first: "Ada", last: "Lovelace", locale: "en" };

test.each([
  ["of today's shape is taken as it is", today],
  ["of the shape before goes through one step", { first: "Ada", last: "Lovelace" }],
  ["of the oldest shape goes through every step", { name: "Ada Lovelace" }],
])("a payload %s", async (_what, payload) => {
  expect(await upcast(payload, v3, UPCASTERS)).toEqual({ ok: true, value: today });
});

test("a payload of no known shape is refused, with what today's shape says of it", async () => {
  const result = await upcast({ first: "Ada" }, v3, UPCASTERS);

  expect(result.ok).toBe(false);
  expect(result).toMatchObject({
    issues: [{ path: ["last"] }, { path: ["locale"] }],
  });
});

test("what an upcaster makes is checked by today's schema", async () => {
  const wrong = [upcaster(v1, () => ({ first: 1, last: 2, locale: 3 }))];

  expect((await upcast({ name: "Ada" }, v3, wrong)).ok).toBe(false);
});
