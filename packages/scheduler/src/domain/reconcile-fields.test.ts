import { describe, expect, test } from "vitest";
import { checkNewSchedule } from "./check-schedule.ts";
import { declaredValues, reconcileFields } from "./reconcile-fields.ts";
import type { NewSchedule } from "./schedule.ts";

const valuesOf = (overrides: Partial<NewSchedule> = {}) =>
  declaredValues(
    checkNewSchedule({ name: "n", jobType: "t", cron: "@daily", payload: { a: 1, b: 2 }, ...overrides }),
  );
const old = valuesOf();

describe("reconciling a field", () => {
  test.each([
    ["same as code: nothing", {}, {}, [], []],
    ["changed by code: updated", {}, { queue: "new" }, ["queue"], []],
    ["edited by an operator: left", { queue: "hand" }, {}, [], ["queue"]],
    ["edited, and changed by code: left", { queue: "hand" }, { queue: "new" }, [], ["queue"]],
    ["edited to what code says now: nothing", { queue: "new" }, { queue: "new" }, [], []],
    [
      "another field edited: code's own is updated",
      { queue: "hand" },
      { priority: 3 },
      ["priority"],
      ["queue"],
    ],
    ["payload with its keys in another order: nothing", { payload: { b: 2, a: 1 } }, {}, [], []],
    ["payload changed by code: updated", {}, { payload: { a: 2 } }, ["payload"], []],
    ["disabled by an operator: left", { enabled: false }, {}, [], ["enabled"]],
    ["enabled by code after its creation: left", {}, { enabled: false }, [], ["enabled"]],
  ] as const)("%s", (_what, found, declared, changed, drifted) => {
    const decision = reconcileFields({ found: valuesOf(found), formerly: old, declared: valuesOf(declared) });

    expect(decision.changed).toEqual(changed);
    expect(decision.drift.map((drift) => drift.field)).toEqual(drifted);
  });

  test("drift says what code declares and what is there", () => {
    const { drift } = reconcileFields({
      found: valuesOf({ queue: "hand" }),
      formerly: old,
      declared: valuesOf({ queue: "new" }),
    });

    expect(drift).toEqual([{ field: "queue", declared: "new", found: "hand" }]);
  });

  test("a field that an older release did not declare had its default, which code may change", () => {
    const { jitterMs: _jitterMs, ...formerly } = old;
    const declared = valuesOf({ jitterMs: 500 });

    expect(reconcileFields({ found: old, formerly, declared }).changed).toEqual(["jitterMs"]);
    expect(reconcileFields({ found: valuesOf({ jitterMs: 9 }), formerly, declared }).drift).toHaveLength(1);
  });

  test("a release that knew no intervals declared none, and code may change the expression to one", () => {
    const { everyMs: _everyMs, anchor: _anchor, maxRuns: _maxRuns, ...formerly } = old;
    const declared = valuesOf({ cron: null, everyMs: 90_000, anchor: new Date(0), maxRuns: 3 });

    const { changed, drift } = reconcileFields({ found: old, formerly, declared });

    expect(changed.toSorted()).toEqual(["anchor", "cron", "everyMs", "maxRuns"]);
    expect(drift).toEqual([]);
    expect(reconcileFields({ found: old, formerly, declared: old })).toEqual({ changed: [], drift: [] });
  });

  test.each([
    ["another expression", { cron: "@weekly" }, { cron: null, everyMs: 90_000 }, ["cron", "everyMs"]],
    ["an interval", { cron: null, everyMs: 90_000 }, { cron: "@hourly" }, ["cron", "everyMs"]],
    ["an interval, and code the same", { cron: null, everyMs: 9_000 }, { cron: null, everyMs: 9_000 }, []],
  ] as const)("an operator gave %s: no part of it is changed", (_what, edited, declared, drifted) => {
    const decision = reconcileFields({
      found: valuesOf(edited),
      formerly: old,
      declared: valuesOf({ ...declared, priority: 1 }),
    });

    expect(decision.changed).toEqual(["priority"]);
    expect(decision.drift.map((one) => one.field)).toEqual(drifted);
  });

  test("a bound of code that would close the window an operator set is left", () => {
    const found = valuesOf({ startsAt: new Date("2030-06-01T00:00:00Z") });
    const declared = valuesOf({ endsAt: new Date("2030-03-01T00:00:00Z"), priority: 1 });

    const { changed, drift } = reconcileFields({ found, formerly: old, declared });

    expect(changed).toEqual(["priority"]);
    expect(drift.map((one) => one.field)).toEqual(["startsAt", "endsAt"]);
  });
});
