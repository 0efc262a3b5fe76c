import { describe, expect, it } from "vitest";
import { mayUndo } from "./undo-permission.ts";

describe("the permission for an undo", () => {
  it.each([
    ["retryMany", "jobs.retry"],
    ["resume", "queues.pause"],
    ["schedules.update", "schedules.change"],
  ])("of %s is %s, and no other one", (command, needed) => {
    expect(mayUndo(command, (action) => action === needed)).toBe(true);
    expect(mayUndo(command, (action) => action !== needed)).toBe(false);
  });

  it("of an unknown command is left to the server", () => {
    expect(mayUndo("some.newCommand", () => false)).toBe(true);
  });
});
