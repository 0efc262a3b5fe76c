import type { RequestInit } from "undici";
import { z } from "zod";

/** Methods whose redirects are followed. With another method a redirect could lose the body or repeat the effect. */
const SAFE_METHODS: readonly string[] = ["GET", "HEAD"];

const statusSchema = z.int().min(200).max(599);

/** The payload of `http.request`. */
export const httpRequestPayload = z
  .strictObject({
    url: z.string().refine(isPlainHttpUrl, "expected an http or https URL without a user name and password"),
    method: z.enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]).default("GET"),
    headers: z
      .record(z.string(), z.string())
      .refine(areHeaders, "expected names and values that HTTP allows")
      // `fetch` would leave this header out without a word.
      .refine(nameNoHost, "expected no header host: the url says which host is asked")
      .default({}),
    /** A text is sent unchanged, and any other JSON value as JSON. */
    body: z.json().optional(),
    /** Default: any status from 200 to 299. */
    expectedStatus: z.union([statusSchema, z.array(statusSchema).min(1)]).optional(),
    /** The limit for the whole exchange. At most 5 min, because fetch waits no longer for an answer's head. */
    timeoutMs: z.int().min(1).max(300_000).default(30_000),
  })
  .refine((request) => request.body === undefined || !SAFE_METHODS.includes(request.method), {
    path: ["body"],
    message: "expected none for GET and HEAD",
  });

/** A checked payload of `http.request`. */
export type HttpRequest = z.output<typeof httpRequestPayload>;

/** Whether the request expects this status. */
export function isExpected(request: HttpRequest, status: number): boolean {
  const { expectedStatus } = request;
  if (expectedStatus === undefined) return status >= 200 && status <= 299;
  return [expectedStatus].flat().includes(status);
}

/**
 * Returns the options of `fetch` for a request.
 *
 * - GET and HEAD follow redirects, unless the request expects a status from 300 to 399.
 * - The other methods send `idempotencyKey`, so that a receiver can tell a repeated run from a new job.
 */
export function fetchOptions(request: HttpRequest, idempotencyKey: string): RequestInit {
  const { method, body } = request;
  const headers = new Headers(request.headers);
  const setDefault = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  setDefault("user-agent", "millrace");
  const safe = SAFE_METHODS.includes(method);
  if (!safe) setDefault("idempotency-key", idempotencyKey);
  const text = typeof body === "string";
  if (body !== undefined && !text) setDefault("content-type", "application/json");
  const redirectExpected = [request.expectedStatus ?? []]
    .flat()
    .some((status) => status >= 300 && status <= 399);
  return {
    method,
    headers: Object.fromEntries(headers),
    redirect: safe && !redirectExpected ? "follow" : "manual",
    body: body === undefined ? null : text ? body : JSON.stringify(body),
  };
}

function isPlainHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

function nameNoHost(headers: Readonly<Record<string, string>>): boolean {
  return !Object.keys(headers).some((name) => name.toLowerCase() === "host");
}

function areHeaders(headers: Readonly<Record<string, string>>): boolean {
  try {
    new Headers(headers);
    return true;
  } catch {
    // Only the constructor of `Headers` can check names and values.
    return false;
  }
}
