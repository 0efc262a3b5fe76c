import { describe, expect, test } from "vitest";
import { errorParts } from "./error-parts.ts";

const TEXT = `Error: Cannot send
to 3 people [SEND]
    at send (file:///app/send.js:3:9)
    at run (file:///app/run.js:1:1)
    status: 503
    retry: { after: 5 }
Caused by: TypeError: fetch failed
    at node:internal/deps/undici:1:1
Error 1 of 2: Error: connect ECONNREFUSED
    errno: -111`;

describe("errorParts", () => {
  test("tells messages, frames and fields of each error apart", () => {
    expect(errorParts(TEXT)).toEqual([
      {
        label: "",
        message: "Error: Cannot send\nto 3 people [SEND]",
        frames: ["at send (file:///app/send.js:3:9)", "at run (file:///app/run.js:1:1)"],
        fields: ["status: 503", "retry: { after: 5 }"],
      },
      {
        label: "Caused by",
        message: "TypeError: fetch failed",
        frames: ["at node:internal/deps/undici:1:1"],
        fields: [],
      },
      {
        label: "Error 1 of 2",
        message: "Error: connect ECONNREFUSED\n    errno: -111",
        frames: [],
        fields: [],
      },
    ]);
  });

  test("takes any other text as one message", () => {
    expect(errorParts("out of paper\n\nsecond line")).toEqual([
      { label: "", message: "out of paper\n\nsecond line", frames: [], fields: [] },
    ]);
  });
});
