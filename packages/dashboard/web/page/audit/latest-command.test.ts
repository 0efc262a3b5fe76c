import { describe, expect, it } from "vitest";
import type { AuditEntry } from "./audited-command.ts";
import { latestCommand } from "./latest-command.ts";

function entry(commandId: string, given: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: commandId,
    commandId,
    at: "2031-01-01T00:00:00.000Z",
    who: "ada",
    via: "millrace api",
    action: "pause",
    filter: { name: "mail" },
    changed: 1,
    before: [],
    undoUntil: "2031-01-01T00:10:00.000Z",
    ...given,
  };
}

describe("the command that was just given", () => {
  const wanted = { action: "pause", target: "mail", who: "ada" };

  it("is the newest of its action, its target and its giver", () => {
    const entries = [
      entry("other-action", { action: "resume" }),
      entry("other-queue", { filter: { name: "sms" } }),
      entry("other-person", { who: "bob" }),
      entry("newest"),
      entry("older"),
    ];

    expect(latestCommand({ entries }, wanted)).toBe("newest");
    expect(latestCommand({ entries }, { ...wanted, who: null })).toBe("other-person");
  });

  it("is none where the newest one cannot be undone, even if an older one can", () => {
    expect(
      latestCommand({ entries: [entry("newest", { undoUntil: null }), entry("older")] }, wanted),
    ).toBeNull();
    expect(latestCommand({ entries: [] }, wanted)).toBeNull();
  });
});
