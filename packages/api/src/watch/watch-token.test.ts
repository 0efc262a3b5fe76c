import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createWatchToken, readWatchToken, WATCH_FIELDS } from "./watch-token.ts";

const KEY = Buffer.alloc(32, 7);
const JOB = "0190d1a2-0000-7000-8000-000000000001";
const FROM = new Date("2031-01-01T00:00:00Z");

const token = createWatchToken({ signingKey: KEY, jobId: JOB, ttlMs: 60_000, from: FROM });

describe("a watch token", () => {
  test("says its job, when it ends, and what it shows", () => {
    expect(readWatchToken(KEY, token)).toEqual({
      jobId: JOB,
      expiresMs: FROM.getTime() + 60_000,
      fields: ["progress", "runAt"],
    });
    const bare = createWatchToken({ signingKey: KEY, jobId: JOB.toUpperCase(), fields: [], from: FROM });
    expect(readWatchToken(KEY, bare)).toEqual({
      jobId: JOB,
      expiresMs: FROM.getTime() + 600_000,
      fields: [],
    });
  });

  test("of another key is worth nothing", () => {
    expect(readWatchToken(Buffer.alloc(32, 8), token)).toBeNull();
  });

  test("with any one character changed, left out or added is worth nothing", () => {
    const letters = "AQgw048az-_.= \u0000é";
    for (let at = 0; at <= token.length; at += 1) {
      const [before, after] = [token.slice(0, at), token.slice(at)];
      for (const letter of letters) {
        expect(readWatchToken(KEY, before + letter + after)).toBeNull();
        if (letter !== after[0] && after !== "") {
          expect(readWatchToken(KEY, before + letter + after.slice(1))).toBeNull();
        }
      }
      if (after !== "") expect(readWatchToken(KEY, before + after.slice(1))).toBeNull();
    }
  });

  test.each(["", ".", "..", "a.b", `${token}.${token}`, token.split(".")[0], `.${token.split(".")[1]}`])(
    "%j is none",
    (text) => {
      expect(readWatchToken(KEY, text ?? "")).toBeNull();
    },
  );

  test("too long a text is not even hashed", () => {
    const body = "A".repeat(1_000_000);
    expect(readWatchToken(KEY, `${body}.${signed(body)}`)).toBeNull();
  });

  test("signed with the key for another purpose is worth nothing", () => {
    const [text = ""] = token.split(".");
    const other = createHmac("sha256", KEY).update(text).digest("base64url");

    expect(readWatchToken(KEY, `${text}.${other}`)).toBeNull();
    expect(readWatchToken(KEY, `${text}.${signed(text)}`)).not.toBeNull();
  });

  test.each([
    { v: 2, job: JOB, exp: 1, fields: [] },
    { v: 1, job: "all", exp: 1, fields: [] },
    { v: 1, job: JOB, exp: "1", fields: [] },
    { v: 1, job: JOB, exp: 1, fields: ["payload"] },
    { v: 1, job: JOB, fields: [] },
    { v: 1, job: JOB, exp: 1, fields: [], scope: "all" },
    null,
    [],
  ])("that says %j is worth nothing, even with a good signature", (body) => {
    const text = Buffer.from(JSON.stringify(body)).toString("base64url");
    expect(readWatchToken(KEY, `${text}.${signed(text)}`)).toBeNull();
  });
});

/** Signs a text as tokens are signed. */
function signed(text: string): string {
  return createHmac("sha256", KEY).update(`millrace job events ${text}`).digest("base64url");
}

test.each([
  [{ signingKey: "short" }, "signingKey"],
  [{ signingKey: Buffer.alloc(31) }, "signingKey"],
  [{ signingKey: 7 }, "signingKey"],
  [{ jobId: "all" }, "jobId"],
  [{ ttlMs: 0 }, "ttlMs"],
  [{ ttlMs: 86_400_001 }, "ttlMs"],
  [{ ttlMs: 1.5 }, "ttlMs"],
  [{ fields: ["payload"] }, "fields"],
  [{ from: new Date(Number.NaN) }, "from"],
  [{ scope: "all" }, "scope"],
] as const)("no token is made with %j", (bad, option) => {
  const make = () => createWatchToken({ signingKey: KEY, jobId: JOB, ...bad } as never);

  expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION" }));
  expect(make).toThrow(option);
});

test("the error about a key does not show the key", () => {
  expect(() => createWatchToken({ signingKey: "hunter2", jobId: JOB })).not.toThrow(/hunter2/);
});

test("a token can show neither the payload nor an error", () => {
  expect(WATCH_FIELDS).toEqual(["progress", "runAt"]);
});
