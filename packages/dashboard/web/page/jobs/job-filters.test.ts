import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  filterErrors,
  type JobFilters,
  NO_FILTERS,
  readFilters,
  STATES,
  selectionOf,
  writeFilters,
} from "./job-filters.ts";

const NOW = new Date("2031-01-05T12:00:00.000Z");
const ID = "01890000-0000-7000-8000-0000000abcde";
const select = (filters: Partial<JobFilters>, scheduleId: string | null = null) =>
  selectionOf({ ...NO_FILTERS, ...filters }, { now: NOW, scheduleId });

const trimmed = fc.string({ maxLength: 20 }).map((text) => text.trim());
const anyFilters: fc.Arbitrary<JobFilters> = fc.record({
  state: fc.constantFrom("" as const, ...STATES),
  queue: trimmed,
  type: trimmed,
  tags: fc.array(fc.string({ minLength: 1, maxLength: 10 }), { maxLength: 3 }),
  key: trimmed,
  payload: trimmed,
  error: trimmed,
  id: trimmed,
  schedule: trimmed,
  created: trimmed,
  finished: trimmed,
  order: fc.constantFrom("newest" as const, "oldest-due" as const),
});

describe("the address of the Jobs page", () => {
  test("holds every filter", () => {
    fc.assert(
      fc.property(anyFilters, (filters) => {
        const address = writeFilters(filters).toString();
        expect(readFilters(new URLSearchParams(address))).toEqual(filters);
      }),
    );
  });

  test("is empty without filters", () => {
    expect(writeFilters(NO_FILTERS).toString()).toBe("");
  });

  test("with an unknown state or order filters by none", () => {
    expect(readFilters(new URLSearchParams("state=lost&order=sideways"))).toEqual(NO_FILTERS);
  });
});

describe("selectionOf", () => {
  test("selects all jobs without filters", () => {
    expect(select({})).toEqual({});
  });

  test("names each filter as the API does", () => {
    const filters = {
      state: "failed",
      queue: "mail",
      type: "send",
      tags: ["a", "b"],
      key: "order:1",
      payload: '{"user": 1.0}',
      error: "timeout",
      created: "1h",
      finished: "2031-01-01T00:00:00.000Z..2031-01-02T00:00:00.000Z",
    } as const;

    expect(select(filters, "0198")).toEqual({
      state: "failed",
      queue: "mail",
      type: "send",
      tags: ["a", "b"],
      idempotencyKey: "order:1",
      payloadContains: '{"user": 1.0}',
      errorIncludes: "timeout",
      scheduleId: "0198",
      createdAfter: "2031-01-05T11:00:00.000Z",
      finishedAfter: "2031-01-01T00:00:00.000Z",
      finishedBefore: "2031-01-02T00:00:00.000Z",
    });
  });

  test.each([
    [ID, { ids: [ID] }],
    [ID.toUpperCase(), { ids: [ID] }],
    ["…000abcde", { idSuffix: "000abcde" }],
    ["ABCD", { idSuffix: "abcd" }],
    ["01890000-0000", { idPrefix: "01890000-0000" }],
  ])("finds a job by %s", (id, selection) => {
    expect(select({ id })).toEqual(selection);
  });
});

describe("filterErrors", () => {
  test("names every filter that is wrong", () => {
    const filters = { ...NO_FILTERS, payload: "{user: 1}", id: "xyz", created: "soon", finished: "24h" };

    expect(Object.keys(filterErrors(filters))).toEqual(["payload", "id", "created"]);
  });

  test("is empty for filters that can be sent", () => {
    expect(filterErrors({ ...NO_FILTERS, payload: "[1]", id: "abcd", created: "24h" })).toEqual({});
  });
});
