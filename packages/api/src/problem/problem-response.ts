import type { z } from "@hono/zod-openapi";
import type { problem } from "../contract/common.ts";
import type { Refusal } from "./api-error.ts";

/** The media type of problem documents (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json";

/** The titles of the statuses that the API answers with. */
const TITLES: Readonly<Record<number, string>> = {
  400: "The request is not valid",
  401: "Nobody is signed in",
  403: "Not allowed",
  404: "Not found",
  405: "The path has no such method",
  409: "The state does not allow this",
  413: "The body is too large",
  414: "The address is too long",
  415: "The body is not JSON",
  429: "Too many requests",
  500: "The API failed",
  503: "Try again later",
};

/** Returns the document that tells why a request was refused. */
export function problemDocument({ status, code, detail, field }: Refusal): z.infer<typeof problem> {
  return {
    type: "about:blank",
    title: TITLES[status] ?? "The request failed",
    status,
    detail,
    code,
    ...(field === undefined ? {} : { field }),
  };
}

/** Returns the answer to a refused request. */
export function problemResponse(refusal: Refusal): Response {
  const { status, headers = {} } = refusal;
  return new Response(JSON.stringify(problemDocument(refusal)), {
    status,
    headers: { ...headers, "content-type": PROBLEM_TYPE },
  });
}
