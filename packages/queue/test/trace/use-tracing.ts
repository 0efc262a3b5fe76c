import { context, metrics, type SpanContext, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { beforeAll, beforeEach } from "vitest";

/** The real SDK, whose spans and metrics stay in memory. */
export interface Tracing {
  /** The ended spans of the test, in the order of their ends. */
  spans(): ReadableSpan[];
  /** The ended span with this name. Throws if none or several have it. */
  span(name: string): ReadableSpan;
  /** The values of a metric in this test file, each with its attributes. */
  metric(name: string): Promise<MetricPoint[]>;
  /** Runs code while the SDK throws whenever a span begins. */
  whileBroken<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs code within a span, which is named `request`. Returns the span's context, too. */
  inSpan<Result>(work: () => Promise<Result>): Promise<{ result: Result; request: SpanContext }>;
}

/** A measured value. A histogram has its boundaries, its count and its sum. */
export interface MetricPoint {
  unit: string;
  attributes: Record<string, unknown>;
  value: unknown;
}

/** Registers the SDK for a test file. */
export function useTracing(): Tracing {
  const exporter = new InMemorySpanExporter();
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  let isBroken = false;
  const breaking: SpanProcessor = {
    onStart() {
      if (isBroken) throw new Error("the processor is broken");
    },
    onEnd: () => undefined,
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  // The interval never passes: `metric` asks for the values.
  const reader = new PeriodicExportingMetricReader({
    exporter: measured,
    exportIntervalMillis: 2_000_000_000,
  });
  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    const processors = [breaking, new SimpleSpanProcessor(exporter)];
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: processors }));
    metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
    return async () => {
      await reader.shutdown();
      trace.disable();
      metrics.disable();
      context.disable();
    };
  });
  beforeEach(() => exporter.reset());
  const spans = () => exporter.getFinishedSpans();
  return {
    spans,
    span(name) {
      const [found, ...others] = spans().filter((each) => each.name === name);
      if (found !== undefined && others.length === 0) return found;
      throw new Error(`${1 + others.length} spans named ${name} of ${spans().map((each) => each.name)}`);
    },
    async metric(name) {
      measured.reset();
      await reader.forceFlush();
      const all = measured
        .getMetrics()
        .flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((each) => each.metrics));
      return all
        .filter(({ descriptor }) => descriptor.name === name)
        .flatMap(({ descriptor: { unit }, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => ({ unit, attributes, value })),
        );
    },
    async whileBroken(work) {
      isBroken = true;
      try {
        return await work();
      } finally {
        isBroken = false;
      }
    },
    inSpan: (work) =>
      trace.getTracer("test").startActiveSpan("request", async (span) => {
        try {
          return { result: await work(), request: span.spanContext() };
        } finally {
          span.end();
        }
      }),
  };
}
