import { processNow } from "@millrace/base";
import { context, isSpanContextValid, ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import type { ClaimedJob } from "../job/job.ts";
import type { BegunRun, EndedRun } from "../job/telemetry.ts";
import type { TraceIds } from "../job/trace-context.ts";
import {
  CLIENT_ID,
  ERROR_TYPE,
  JOB_ATTEMPT,
  JOB_CRASHES,
  jobAttributes,
  MESSAGE_ID,
  OUTCOME,
  PROCESS,
} from "./attributes.ts";
import type { Instruments } from "./instruments.ts";
import { quietly } from "./quietly.ts";
import { spanContextOf } from "./span-context.ts";
import { attemptError, recordError, type SpanError } from "./span-error.ts";

/** What is done in a run's span, and how the text of its error is shown. */
export interface RunSpanOptions<Outcome> {
  work(ids: TraceIds | null): Promise<Outcome>;
  errorText(text: string, job: ClaimedJob): string;
}

/**
 * Runs a handler inside a span. If the run is prompt, the stored context is the span's parent. Otherwise the span
 * begins a trace of its own, which links to the stored context. A span that was active when the worker started is never
 * the parent.
 */
export async function tracedRun<Outcome extends EndedRun>(
  instruments: Instruments,
  run: BegunRun,
  { work, errorText }: RunSpanOptions<Outcome>,
): Promise<Outcome> {
  const begun = quietly(() => begin(instruments, run));
  if (begun === undefined) return work(null);
  const { span, ids, within, startedAt } = begun;
  const end = (kind: string, error: SpanError | null) =>
    quietly(() => {
      const failure = error === null ? {} : { [ERROR_TYPE]: error.type };
      const seconds = (processNow() - startedAt) / 1_000;
      instruments.meters.processDuration.record(
        seconds,
        { ...jobAttributes(PROCESS, run.job), ...failure },
        within,
      );
      span.setAttribute(OUTCOME, kind);
      if (error !== null) recordError(span, error);
      span.end();
    });
  try {
    const outcome = await context.with(within, () => work(ids));
    const error = quietly(() => errorOf(outcome, (text) => errorText(text, run.job)));
    end(outcome.kind, error ?? null);
    return outcome;
  } catch (thrown) {
    // Only a listener of the worker's events throws here.
    end("unknown", null);
    throw thrown;
  }
}

function begin({ tracer, meters }: Instruments, { job, workerId, trace: stored, isPrompt }: BegunRun) {
  const producer = stored === null ? null : spanContextOf(stored);
  const span = tracer.startSpan(
    `${PROCESS.name} ${job.queue}`,
    {
      kind: SpanKind.CONSUMER,
      attributes: {
        ...jobAttributes(PROCESS, job),
        [MESSAGE_ID]: job.id,
        [CLIENT_ID]: workerId,
        [JOB_ATTEMPT]: job.attempt,
        [JOB_CRASHES]: job.crashes,
      },
      ...(producer === null ? {} : { links: [{ context: producer }] }),
    },
    producer !== null && isPrompt ? trace.setSpanContext(ROOT_CONTEXT, producer) : ROOT_CONTEXT,
  );
  const within = trace.setSpan(ROOT_CONTEXT, span);
  meters.consumed.add(1, jobAttributes(PROCESS, job), within);
  const ids = isSpanContextValid(span.spanContext()) ? span.spanContext() : null;
  return { span, ids, within, startedAt: processNow() };
}

/** How the error begins of an attempt that called `completeInTx` and returned, but whose transaction rolled back. */
const ROLLED_BACK = "CompletionRolledBackError:";

/** The error of a run; null if the run has none. A run that was canceled, snoozed or released has not failed. */
function errorOf(outcome: EndedRun, shown: (text: string) => string): SpanError | null {
  const { kind, error, otherwise } = outcome;
  if (kind === "lost") return { type: "LeaseLostError", message: "The lease was lost.", text: "" };
  if (otherwise !== undefined) {
    return otherwise.error?.startsWith(ROLLED_BACK) ? null : errorOf(otherwise, shown);
  }
  if (error === undefined || (kind !== "retry" && kind !== "fail")) return null;
  return attemptError(error, quietly(() => String(shown(error))) ?? "");
}
