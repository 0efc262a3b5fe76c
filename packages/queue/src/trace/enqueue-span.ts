import { processNow } from "@millrace/base";
import {
  type Attributes,
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import type { Send, SentJobs } from "../job/telemetry.ts";
import type { TraceContext } from "../job/trace-context.ts";
import {
  BATCH_COUNT,
  DESTINATION,
  ENQUEUE,
  ERROR_TYPE,
  JOB_TYPE,
  jobAttributes,
  MESSAGE_ID,
  OUTCOME,
  operationAttributes,
} from "./attributes.ts";
import type { Instruments } from "./instruments.ts";
import { quietly } from "./quietly.ts";
import { spanContextOf, traceContextOf } from "./span-context.ts";
import { recordError, type SpanError, thrownError } from "./span-error.ts";

/** An enqueue under way: its span, or none if no span is active. */
interface Begun {
  span: Span | null;
  within: Context;
  /** What is stored with the jobs. */
  trace: TraceContext | null;
}

/** Runs the write of an enqueue inside a span, if a span is active, and measures the write in any case. */
export async function tracedEnqueue<Result>(
  instruments: Instruments,
  send: Send,
  write: (trace: TraceContext | null) => Promise<Result>,
): Promise<Result> {
  const startedAt = processNow();
  const { span, within, trace: stored } = quietly(() => begin(instruments, send)) ?? NOTHING_BEGUN;
  const end = (error: SpanError | null) =>
    quietly(() => {
      measure(instruments, { send, error, within, seconds: (processNow() - startedAt) / 1_000 });
      if (span !== null) finish(span, send, error);
    });
  try {
    const result = await (span === null ? write(stored) : context.with(within, () => write(stored)));
    end(null);
    return result;
  } catch (thrown) {
    end(thrownError(thrown));
    throw thrown;
  }
}

const NOTHING_BEGUN: Begun = { span: null, within: ROOT_CONTEXT, trace: null };

function begin({ tracer }: Instruments, { job }: Send): Begun {
  const active = context.active();
  const outer = trace.getSpanContext(active);
  if (outer === undefined || traceContextOf(outer) === null)
    return { span: null, within: active, trace: null };
  const given = job?.trace ?? null;
  const span = tracer.startSpan(
    job === null ? ENQUEUE.name : `${ENQUEUE.name} ${job.queue}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: job === null ? operationAttributes(ENQUEUE) : jobAttributes(ENQUEUE, job),
      ...(given === null ? {} : { links: [{ context: spanContextOf(given) }] }),
    },
    active,
  );
  return { span, within: trace.setSpan(active, span), trace: traceContextOf(span.spanContext()) };
}

function finish(span: Span, { job, sent, result }: Send, error: SpanError | null): void {
  if (job === null) {
    const jobs = [...sent.values()];
    span.setAttribute(BATCH_COUNT, countOf(jobs));
    const [queue, ...otherQueues] = new Set(jobs.map((each) => each.queue));
    const [type, ...otherTypes] = new Set(jobs.map((each) => each.type));
    if (queue !== undefined && otherQueues.length === 0) {
      span.setAttribute(DESTINATION, queue).updateName(`${ENQUEUE.name} ${queue}`);
    }
    if (type !== undefined && otherTypes.length === 0) span.setAttribute(JOB_TYPE, type);
  }
  if (result !== undefined) span.setAttributes({ [MESSAGE_ID]: result.id, [OUTCOME]: result.outcome });
  if (error !== null) recordError(span, error);
  span.end();
}

interface Measured {
  send: Send;
  error: SpanError | null;
  within: Context;
  seconds: number;
}

function measure({ meters }: Instruments, { send, error, within, seconds }: Measured): void {
  const failure: Attributes = error === null ? {} : { [ERROR_TYPE]: error.type };
  const { job, sent } = send;
  for (const each of sent.values()) {
    meters.sent.add(each.count, { ...jobAttributes(ENQUEUE, each), ...failure }, within);
  }
  const about = job === null ? operationAttributes(ENQUEUE) : jobAttributes(ENQUEUE, job);
  meters.operationDuration.record(seconds, { ...about, ...failure }, within);
}

function countOf(jobs: readonly SentJobs[]): number {
  return jobs.reduce((sum, { count }) => sum + count, 0);
}
