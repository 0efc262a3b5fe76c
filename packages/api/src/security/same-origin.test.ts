import { describe, expect, test } from "vitest";
import { refuseOtherOrigins } from "./same-origin.ts";

const URL_OF_API = "https://ops.example.com/api/jobs";

function isRefused(method: string, headers: Record<string, string>): boolean {
  try {
    refuseOtherOrigins(new Request(URL_OF_API, { method, headers }));
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: "CROSS_ORIGIN", refusal: { status: 403 } });
    return true;
  }
}

const OWN = "https://ops.example.com";

describe("a request that changes something", () => {
  test.each([
    [{}, false],
    [{ "sec-fetch-site": "same-origin" }, false],
    [{ "sec-fetch-site": "none" }, false],
    [{ "sec-fetch-site": "same-site" }, true],
    [{ "sec-fetch-site": "cross-site" }, true],
    [{ "sec-fetch-site": "" }, true],
    [{ "sec-fetch-site": "Same-Origin" }, true],
    [{ "sec-fetch-site": "cross-site", origin: OWN }, true],
    [{ "sec-fetch-site": "same-origin", origin: "https://evil.example" }, false],
    [{ origin: OWN }, false],
    [{ origin: "https://evil.example" }, true],
    [{ origin: "http://ops.example.com" }, true],
    [{ origin: "https://ops.example.com:8443" }, true],
    [{ origin: "https://ops.example.com.evil.example" }, true],
    [{ origin: "null" }, true],
    [{ origin: "" }, true],
  ])("with %j is refused: %s", (headers, refused) => {
    for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      expect([method, isRefused(method, headers)]).toEqual([method, refused]);
    }
  });

  test.each(["GET", "HEAD"])("%s changes nothing, and is never refused", (method) => {
    expect(isRefused(method, { "sec-fetch-site": "cross-site", origin: "https://evil.example" })).toBe(false);
  });
});
