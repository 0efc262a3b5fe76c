import { describe, expect, test } from "vitest";
import { readBody } from "./read-body.ts";

const JSON_HEADERS = { "content-type": "application/json" };

function request(
  body: string | Uint8Array | ReadableStream | null,
  headers: Record<string, string> = JSON_HEADERS,
): Request {
  return new Request("http://localhost/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
}

const refusal = (status: number, code: string) =>
  expect.objectContaining({ code, refusal: expect.objectContaining({ status }) });

describe("a body", () => {
  test("is read as JSON", async () => {
    expect(await readBody(request('{"a": "ä"}'), 100)).toEqual({ a: "ä" });
    expect(await readBody(request("[]", { "content-type": "Application/JSON; charset=utf-8" }), 100)).toEqual(
      [],
    );
  });

  test.each([
    ["no type", {}],
    ["a form", { "content-type": "application/x-www-form-urlencoded" }],
    ["plain text", { "content-type": "text/plain" }],
    ["a type that begins so", { "content-type": "application/jsonp" }],
    ["two types", { "content-type": "text/plain, application/json" }],
  ])("is refused with %s", async (_what, headers: Record<string, string>) => {
    const bytes = new TextEncoder().encode("{}");

    await expect(readBody(request(bytes, headers), 100)).rejects.toThrow(
      refusal(415, "UNSUPPORTED_MEDIA_TYPE"),
    );
  });

  test("ends at the limit, whatever it says of its length, and the rest is never read", async () => {
    let chunks = 0;
    let canceled = false;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          chunks += 1;
          controller.enqueue(new Uint8Array(40));
        },
        cancel() {
          canceled = true;
        },
      },
      { highWaterMark: 0 },
    );

    const read = readBody(request(endless, { ...JSON_HEADERS, "content-length": "10" }), 100);

    await expect(read).rejects.toThrow(refusal(413, "BODY_TOO_LARGE"));
    expect({ chunks, canceled }).toEqual({ chunks: 3, canceled: true });
  });

  test.each([
    ["nothing", null],
    ["an empty text", ""],
    ["half a text", '{"a": '],
    ["another encoding", new Uint8Array([0x22, 0xff, 0x22])],
    ["33 brackets", "[".repeat(33) + "]".repeat(33)],
  ])("is refused if it is %s", async (_what, body) => {
    await expect(readBody(request(body), 100)).rejects.toThrow(refusal(400, "INVALID_REQUEST"));
  });

  test("of exactly the limit is read", async () => {
    expect(await readBody(request(`"${"x".repeat(98)}"`), 100)).toBe("x".repeat(98));
  });
});
