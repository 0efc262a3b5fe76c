import { describe, expect, it } from "vitest";
import { type AuditEntry, auditedCommands, isUndoable } from "./audited-command.ts";

function entry(id: number, commandId: string, given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: String(id),
    commandId,
    at: new Date(Date.UTC(2031, 0, 1, 0, 0, id)).toISOString(),
    who: "ada",
    via: "millrace api",
    action: "retryMany",
    filter: { state: "failed" },
    changed: 10,
    before: [{ id: `job-${id}` }],
    undoUntil: "2031-01-01T00:10:01.000Z",
    ...given,
  };
}

describe("the commands of an audit log", () => {
  it("join the rows of one command, also where other rows stand between", () => {
    const rows = [
      entry(4, "a"),
      entry(3, "b"),
      entry(2, "a", { changed: 7, filter: { state: "failed", limit: 5 } }),
    ];

    const [first, second] = auditedCommands(rows);

    expect(first).toMatchObject({
      commandId: "a",
      beganAt: "2031-01-01T00:00:02.000Z",
      endedAt: "2031-01-01T00:00:04.000Z",
      filter: { state: "failed", limit: 5 },
      changed: 17,
      rows: 2,
      before: [{ id: "job-2" }, { id: "job-4" }],
    });
    expect(second).toMatchObject({ commandId: "b", rows: 1, changed: 10 });
  });

  it("can be undone until their time is up", () => {
    expect(isUndoable({ undoUntil: "2031-01-01T00:10:00.000Z" }, "2031-01-01T00:09:59.000Z")).toBe(true);
    expect(isUndoable({ undoUntil: "2031-01-01T00:10:00.000Z" }, "2031-01-01T00:10:00.000Z")).toBe(false);
    expect(isUndoable({ undoUntil: null }, "2031-01-01T00:00:00.000Z")).toBe(false);
  });
});
