import { expect, test } from "vitest";
import { traceIdsOf, traceOf, validTrace } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";
const PARENT = `00-${TRACE}-${SPAN}-01`;

test("a traceparent of version 00 is kept as it is", () => {
  expect(validTrace(PARENT)).toEqual({ traceparent: PARENT });
  expect(traceIdsOf({ traceparent: PARENT })).toEqual({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
});

test("a traceparent of a later version is rewritten as version 00", () => {
  expect(validTrace(`cc-${TRACE}-${SPAN}-01-what-the-future-will-be`)).toEqual({ traceparent: PARENT });
  expect(validTrace(`cc-${TRACE}-${SPAN}-01`)).toEqual({ traceparent: PARENT });
});

test.each([
  ["no text", 7],
  ["an empty text", ""],
  ["the version that W3C forbids", `ff-${TRACE}-${SPAN}-01`],
  ["no trace", `00-${"0".repeat(32)}-${SPAN}-01`],
  ["no span", `00-${TRACE}-${"0".repeat(16)}-01`],
  ["capital letters", PARENT.toUpperCase()],
  ["a fifth part in version 00", `${PARENT}-01`],
  ["a dash at the end of version 00", `${PARENT}-`],
  ["a later version that goes on without a dash", `cc-${TRACE}-${SPAN}-011`],
  ["a line after it", `${PARENT}\n`],
  ["a later version without an end", `cc-${TRACE}-${SPAN}-01-${"x".repeat(1_000)}`],
])("%s is no traceparent", (_what, traceparent) => {
  expect(validTrace(traceparent, "a=b")).toBeNull();
});

test.each([
  ["congo=t61rcWkgMzE", "congo=t61rcWkgMzE"],
  [" rojo=00f067aa0ba902b7 ,\tcongo=t61 rc ", "rojo=00f067aa0ba902b7,congo=t61 rc"],
  ["a=1,,b=2", "a=1,b=2"],
  ["fw529a3039@dt=FfAAAAAA", "fw529a3039@dt=FfAAAAAA"],
  ["a*/-_9=!", "a*/-_9=!"],
  [`a=${"x".repeat(256)}`, `a=${"x".repeat(256)}`],
])("the tracestate %j is kept as %j", (tracestate, kept) => {
  expect(validTrace(PARENT, tracestate)).toEqual({ traceparent: PARENT, tracestate: kept });
});

test.each([
  ["no text", { a: 1 }],
  ["an empty text", ""],
  ["a capital letter in a key", "Congo=1"],
  ["no value", "congo="],
  ["two equals signs", "congo=1=2"],
  ["a NUL character", "congo=\u0000"],
  ["a line break", "congo=1\nSet-Cookie: x"],
  ["a letter beyond ASCII", "congo=ä"],
  ["a lone surrogate", "congo=\ud800"],
  ["a value of 257 characters", `a=${"x".repeat(257)}`],
  ["33 members", Array.from({ length: 33 }, (_, at) => `a${at}=1`).join(",")],
  ["513 characters", `a=${"x".repeat(250)},b=${"x".repeat(250)},c=1234567`],
])("a tracestate with %s is left out, and the traceparent stays", (_what, tracestate) => {
  expect(validTrace(PARENT, tracestate)).toEqual({ traceparent: PARENT });
});

test("settings that SQL wrote are checked", () => {
  expect(traceOf({ traceparent: PARENT, tracestate: "a=1" })).toEqual({
    traceparent: PARENT,
    tracestate: "a=1",
  });
  // The cast is the point: the database returns what anyone inserted.
  expect(traceOf({ traceparent: 5 } as never)).toBeNull();
  expect(traceOf({ tags: ["a"] })).toBeNull();
  expect(traceOf(null)).toBeNull();
});
