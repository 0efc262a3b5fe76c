import { type Counter, type Histogram, metrics, type Tracer, trace } from "@opentelemetry/api";
import { RELEASE } from "../wake/release.ts";

/** The boundaries of buckets that the conventions advise for durations, in s. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

const SCOPE = "@millrace/queue";

/** What measures. */
export interface Meters {
  /** How long enqueues took, in s. */
  readonly operationDuration: Histogram;
  /** How long handlers took, in s. */
  readonly processDuration: Histogram;
  /** Counts the jobs that enqueues tried to write. */
  readonly sent: Counter;
  /** Counts the runs whose handler began. */
  readonly consumed: Counter;
}

/** What makes spans, and what measures. */
export interface Instruments {
  readonly tracer: Tracer;
  /** Made when first asked for: an instrument that is made before an SDK is registered never measures. */
  readonly meters: Meters;
}

/** Creates the instruments of the provider that the program has registered, or will register before the first use. */
export function createInstruments(): Instruments {
  let meters: Meters | undefined;
  return {
    tracer: trace.getTracer(SCOPE, RELEASE),
    get meters() {
      meters ??= createMeters();
      return meters;
    },
  };
}

function createMeters(): Meters {
  const meter = metrics.getMeter(SCOPE, RELEASE);
  const duration = { unit: "s", advice: { explicitBucketBoundaries: SECONDS } };
  return {
    operationDuration: meter.createHistogram("messaging.client.operation.duration", {
      ...duration,
      description: "Duration of messaging operation initiated by a producer or consumer client.",
    }),
    processDuration: meter.createHistogram("messaging.process.duration", {
      ...duration,
      description: "Duration of processing operation.",
    }),
    sent: meter.createCounter("messaging.client.sent.messages", {
      unit: "{message}",
      description: "Number of messages producer attempted to send to the broker.",
    }),
    consumed: meter.createCounter("messaging.client.consumed.messages", {
      unit: "{message}",
      description: "Number of messages that were delivered to the application.",
    }),
  };
}
