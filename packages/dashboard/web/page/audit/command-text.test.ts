import { describe, expect, it } from "vitest";
import { commandText } from "./command-text.ts";

describe("a command in words", () => {
  it("names the job that the command was about, and does not repeat the id", () => {
    expect(commandText("cancel", { id: "job-1" })).toEqual({
      title: "Cancel a job",
      target: { kind: "job", name: "job-1" },
      arguments: [],
    });
  });

  it("tells a filter by its fields, and not how the command continued", () => {
    const filter = {
      state: "failed",
      queue: "mail",
      tags: ["a", "b"],
      errorIncludes: "time-out",
      limit: 100,
      after: "x",
    };

    expect(commandText("retryMany", filter)).toEqual({
      title: "Retry jobs",
      target: null,
      arguments: [
        { label: "state", value: "failed" },
        { label: "queue", value: "mail" },
        { label: "tags", value: "a, b" },
        { label: "error includes", value: "time-out" },
      ],
    });
  });

  it("says that all jobs were meant", () => {
    expect(commandText("cancelMany", { all: true }).arguments).toEqual([{ label: "all jobs", value: "" }]);
  });

  it("tells the new values of a change", () => {
    const { target, arguments: told } = commandText("change", {
      id: "j",
      change: { priority: 5, idempotencyKey: null },
    });

    expect(target).toEqual({ kind: "job", name: "j" });
    expect(told).toEqual([
      { label: "priority", value: "5" },
      { label: "key", value: "none" },
    ]);
  });

  it("says that a queue's settings were removed", () => {
    expect(commandText("setQueue", { name: "mail", settings: null })).toMatchObject({
      target: { kind: "queue", name: "mail" },
      arguments: [{ label: "settings", value: "none" }],
    });
  });

  it("names a created schedule by its field", () => {
    expect(
      commandText("schedules.create", { schedule: { name: "nightly", cron: "0 2 * * *" } }),
    ).toMatchObject({
      target: { kind: "schedule", name: "nightly" },
      arguments: [{ label: "cron", value: "0 2 * * *" }],
    });
  });

  it("names the first of many ids, and how many more there are", () => {
    const ids = ["1a", "2b", "3c", "4d"];

    expect(commandText("retryMany", { ids }).arguments).toEqual([
      { label: "ids", value: "1a, 2b and 2 more" },
    ]);
    expect(commandText("retryMany", { ids: ids.slice(1) }).arguments).toEqual([
      { label: "ids", value: "2b, 3c, 4d" },
    ]);
  });

  it("cuts a long value, and keeps values that only look like a target's name", () => {
    const told = commandText("retryMany", {
      payloadContains: { text: "x".repeat(500) },
      queue: "name",
    }).arguments;

    expect(told[0]?.value).toHaveLength(121);
    expect(told[1]).toEqual({ label: "queue", value: "name" });
  });

  it.each([null, "text", ["a"], 5])("survives arguments that are no object: %j", (filter) => {
    expect(commandText("some.newAction", filter)).toEqual({
      title: "some.newAction",
      target: null,
      arguments: [],
    });
  });
});
