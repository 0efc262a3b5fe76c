import { ApiError } from "../problem/api-error.ts";

/** Returns an answer with an event stream. A proxy must not collect its events. */
export function eventStreamResponse(
  body: ReadableStream<Uint8Array> | null,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    headers: { ...headers, "content-type": "text/event-stream; charset=utf-8", "x-accel-buffering": "no" },
  });
}

/** The refusal of one listener too many. */
export function tooManyListeners(): ApiError {
  return new ApiError({
    status: 503,
    code: "TOO_MANY_LISTENERS",
    detail: "As many event streams are open as this handler serves. Close one, or try again later.",
    headers: { "retry-after": "10" },
  });
}
