import { describe, expect, test } from "vitest";
import { startFailure } from "./start-failure.ts";
import { loadTracing, TracingUnavailableError } from "./tracing.ts";

const missing = () =>
  Promise.reject(
    Object.assign(new Error("Cannot find package '@opentelemetry/api' imported from /x.js"), {
      code: "ERR_MODULE_NOT_FOUND",
    }),
  );

describe("without the API of OpenTelemetry", () => {
  test("auto traces nothing", async () => {
    expect(await loadTracing("auto", { load: missing })).toBeNull();
  });

  test("on refuses to start, and says what to install", async () => {
    const error = await loadTracing("on", { load: missing }).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(TracingUnavailableError);
    const { exitCode, message } = startFailure(error);
    expect([exitCode, message]).toEqual([2, expect.stringContaining("Install it with an SDK")]);
  });
});

test("another error of the load is the program's error", async () => {
  const broken = new SyntaxError("Unexpected token");

  await expect(loadTracing("auto", { load: () => Promise.reject(broken) })).rejects.toBe(broken);
});

test("off loads nothing", async () => {
  const load = () => Promise.reject(new Error("was loaded"));

  expect(await loadTracing("off", { load })).toBeNull();
});

test("with the API alone, auto traces nothing, and for on there are no ids and nothing to send", async () => {
  const tracing = await loadTracing("on");

  expect(await loadTracing("auto")).toBeNull();

  expect(tracing?.activeSpan()).toEqual({});
  await expect(tracing?.flush()).resolves.toBeUndefined();
});
