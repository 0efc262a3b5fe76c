import { metrics, trace } from "@opentelemetry/api";
import { afterEach, expect, test, vi } from "vitest";
import { flushOpenTelemetry, isSdkRegistered } from "../opentelemetry.ts";

afterEach(() => {
  trace.disable();
  metrics.disable();
  vi.restoreAllMocks();
});

test("the providers of traces and of metrics send what they hold, and what one throws stops nothing", async () => {
  const { getTracer } = trace.getTracerProvider();
  const { getMeter } = metrics.getMeterProvider();
  const sendSpans = vi.fn(() => Promise.reject(new Error("the collector is away")));
  const sendValues = vi.fn(() => Promise.resolve());
  trace.setGlobalTracerProvider({ getTracer, forceFlush: sendSpans } as ReturnType<
    typeof trace.getTracerProvider
  >);
  metrics.setGlobalMeterProvider({ getMeter, forceFlush: sendValues } as ReturnType<
    typeof metrics.getMeterProvider
  >);

  expect(isSdkRegistered()).toBe(true);
  await flushOpenTelemetry();

  expect([sendSpans.mock.calls.length, sendValues.mock.calls.length]).toEqual([1, 1]);
});

test("the SDK may have registered the provider by another copy of the API", async () => {
  const sendSpans = vi.fn(() => Promise.resolve());
  const ofOtherCopy = {
    getTracer: () => trace.getTracer("x"),
    getDelegate: () => ({ forceFlush: sendSpans }),
  };
  vi.spyOn(trace, "getTracerProvider").mockReturnValueOnce(ofOtherCopy).mockReturnValueOnce(ofOtherCopy);

  expect(isSdkRegistered()).toBe(true);
  await flushOpenTelemetry();

  expect(sendSpans.mock.calls.length).toBe(1);
});

test("without an SDK there is nothing to send", async () => {
  expect(isSdkRegistered()).toBe(false);
  await expect(flushOpenTelemetry()).resolves.toBeUndefined();
});
