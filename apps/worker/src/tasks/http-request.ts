import { defineTask, Fatal, RetryLater } from "@millrace/queue";
import type { Response } from "undici";
import { NotAllowedError } from "../allow/not-allowed-error.ts";
import type { AllowedFetch, Resolve } from "./allowed-fetch.ts";
import { HttpRequestError } from "./http-request-error.ts";
import { fetchOptions, type HttpRequest, httpRequestPayload, isExpected } from "./http-request-payload.ts";
import { readStart } from "./read-start.ts";
import { retryAfterMs } from "./retry-after.ts";

/** An error shows at most this many bytes of an unexpected answer's body. */
const BODY_BYTES_SHOWN = 2_048;

/** The task reads at most this many bytes of an expected answer's body, so that the connection can be used again. */
const BODY_BYTES_DRAINED = 65_536;

/** Longer than each payload's own limit, which decides. Without it, a worker's time-out for other tasks would count. */
const RUN_TIMEOUT_MS = 330_000;

/** The statuses below 500 that are retried: Request Timeout, Too Early, Too Many Requests. */
const RETRIED_STATUSES: readonly number[] = [408, 425, 429];

/** What `http.request` may reach. */
export interface HttpRequestOptions {
  /** The entries of the setting `httpHosts`. */
  httpHosts: readonly string[];
  /** Resolves hosts. Default: as Node does. */
  resolve?: Resolve;
}

/**
 * `http.request`: sends a request. A host that `httpHosts` does not allow fails the job with `NotAllowedError`
 * (`NOT_ALLOWED`), also after a redirect. An answer with an expected status completes the job. Network errors,
 * time-outs, 5xx, 408, 425 and 429 are retried, after the answer's Retry-After if present. Any other status fails the
 * job.
 */
export function httpRequestTask({ httpHosts, resolve }: HttpRequestOptions) {
  let loaded: Promise<AllowedFetch> | undefined;
  // Loads the HTTP client at the first job: the client takes 25 MB, and many workers never send a request.
  const load = () => {
    loaded ??= import("./allowed-fetch.ts").then((module) => module.createAllowedFetch(httpHosts, resolve));
    return loaded;
  };
  return defineTask({
    name: "http.request",
    timeoutMs: RUN_TIMEOUT_MS,
    payload: httpRequestPayload,
    async run(request, { job, signal }) {
      const fetch = await load();
      const timeUp = AbortSignal.timeout(request.timeoutMs);
      const options = { ...fetchOptions(request, job.id), signal: AbortSignal.any([signal, timeUp]) };
      const response = await fetch(request.url, options).catch((error) => {
        signal.throwIfAborted();
        throw noAnswer(request, timeUp.aborted, error);
      });
      if (isExpected(request, response.status)) {
        // The status is as expected, so a body that breaks off does not matter.
        await readStart(response, BODY_BYTES_DRAINED).catch(() => undefined);
        return { status: response.status };
      }
      const body = await readStart(response, BODY_BYTES_SHOWN).catch(() => "(its body broke off)");
      signal.throwIfAborted();
      throw unexpectedAnswer(request, response, body);
    },
  });
}

function noAnswer(request: HttpRequest, timeUp: boolean, error: unknown): Error {
  const refusal = error instanceof Error ? error.cause : undefined;
  if (refusal instanceof NotAllowedError) {
    return new NotAllowedError(`${named(request)}: ${refusal.message}`, { ...refusal, cause: refusal });
  }
  const reason = timeUp ? `no answer within ${request.timeoutMs} ms` : networkReason(error);
  return new HttpRequestError(`${named(request)}: ${reason}`, { cause: error });
}

function unexpectedAnswer(request: HttpRequest, response: Response, body: string): Error {
  const { status, headers } = response;
  // PostgreSQL cannot store U+0000.
  const excerpt = body.replaceAll("\u0000", "").trim();
  const message = `${named(request)} answered ${status} ${response.statusText}: ${excerpt || "(no body)"}`;
  if (status < 500 && !RETRIED_STATUSES.includes(status)) return new Fatal(message);
  const delayMs = retryAfterMs(headers);
  return delayMs === undefined
    ? new HttpRequestError(message, { status })
    : new RetryLater(message, { delayMs });
}

/** Names the request without the URL's query, because a query may contain secrets. */
function named({ method, url }: HttpRequest): string {
  const { origin, pathname } = new URL(url);
  return `${method} ${origin}${pathname}`;
}

/** Returns the reason of a failed request: fetch hides the reason in the cause of its error "fetch failed". */
function networkReason(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return cause.message.includes(code) ? cause.message || cause.name : `${cause.message} (${code})`;
}
