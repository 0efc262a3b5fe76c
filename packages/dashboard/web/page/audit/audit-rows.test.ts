import { describe, expect, it } from "vitest";
import { type AuditRows, withNewest, withOlder } from "./audit-rows.ts";

const rows = (ids: readonly number[], next: string | null): AuditRows => ({
  next,
  entries: ids.map((id) => ({
    id: String(id),
    commandId: "c",
    at: "2031-01-01T00:00:00.000Z",
    who: "ada",
    via: "a test",
    action: "pause",
    filter: null,
    changed: 1,
    before: [],
    undoUntil: null,
  })),
});

const ids = ({ entries }: AuditRows) => entries.map(({ id }) => Number(id));

describe("the rows of the audit log", () => {
  it("keep the older ones when a newer page meets them, and where the next ones begin", () => {
    const known = withOlder(rows([6, 5], "5"), rows([4, 3], "3"));

    const merged = withNewest(known, rows([8, 7, 6], "6"));

    expect(ids(merged)).toEqual([8, 7, 6, 5, 4, 3]);
    expect(merged.next).toBe("3");
  });

  it("begin anew when so many rows are new that some may be missing between", () => {
    expect(withNewest(rows([6, 5], "5"), rows([20, 19], "19"))).toEqual(rows([20, 19], "19"));
  });

  it("take the row as it is now where both pages have one", () => {
    const before = rows([6, 5], null);
    const undone = {
      next: "6",
      entries: before.entries.slice(0, 1).map((entry) => ({ ...entry, changed: 2 })),
    };

    expect(withNewest(before, undone).entries.map(({ changed }) => changed)).toEqual([2, 1]);
  });

  it("never repeat a row that moved onto an older page meanwhile", () => {
    expect(ids(withOlder(rows([6, 5, 4], "4"), rows([5, 4, 3], null)))).toEqual([6, 5, 4, 3]);
  });
});
