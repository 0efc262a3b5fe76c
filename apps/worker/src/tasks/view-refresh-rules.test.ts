import { Fatal } from "@millrace/queue";
import { describe, expect, test } from "vitest";
import { isConcurrent, refreshFailure } from "./view-refresh-rules.ts";

describe("a view is refreshed concurrently", () => {
  test.each([
    ["auto", true, true, true],
    ["auto", true, false, false],
    ["auto", false, true, false],
    [true, true, true, true],
    [true, false, true, false],
    [false, true, true, false],
  ] as const)(
    "as the payload says %j, with contents %j and an index %j: %j",
    (given, populated, unique, expected) => {
      expect(isConcurrent({ populated, unique }, { concurrently: given })).toBe(expected);
    },
  );
});

describe("a refresh that PostgreSQL refuses", () => {
  const options = {
    ...{ schema: "public", view: "sales", timeoutMs: 50, lockMs: 10_000 },
    signal: new AbortController().signal,
  };
  const refused = (code: string) => Object.assign(new Error("refused"), { code });

  test.each([
    ["55P03", "public.sales was not refreshed: the refresh waited 10000 ms for a lock"],
    ["57014", "public.sales was not refreshed: the refresh took longer than its timeoutMs of 50 ms"],
    ["22012", "public.sales was not refreshed: refused"],
  ])("with SQLSTATE %s may be tried again", (sqlState, message) => {
    const error = refreshFailure(refused(sqlState), options);

    expect(error).toMatchObject({
      code: "VIEW_REFRESH",
      sqlState,
      message: expect.stringContaining(message),
    });
  });

  test("for a missing right fails for good", () => {
    expect(refreshFailure(refused("42501"), options)).toBeInstanceOf(Fatal);
  });

  test("after an abort ends with the reason of the abort", () => {
    const signal = AbortSignal.abort("lease lost");

    expect(refreshFailure(refused("57014"), { ...options, signal })).toBe("lease lost");
  });
});
