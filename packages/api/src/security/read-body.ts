import { jsonDepth } from "../json/json-depth.ts";
import { ApiError } from "../problem/api-error.ts";
import { invalidRequest } from "./parsed.ts";

/** How many bytes a body may have. */
export const BODY_BYTES_MAX = 256 * 1_024;

/** How many bytes a body with the payload of a job may have: 4 MiB of payload, and the rest. */
export const PAYLOAD_BODY_BYTES_MAX = 4.5 * 1_024 * 1_024;

/** How deep objects and arrays of a body may be nested. A payload is a text within its body, and counts apart. */
const DEPTH_MAX = 32;

const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Reads the JSON body of a request. Stops reading at the limit, whatever the request says of its length. Throws
 * `ApiError`.
 */
export async function readBody(request: Request, bytesMax: number): Promise<unknown> {
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new ApiError({
      status: 415,
      code: "UNSUPPORTED_MEDIA_TYPE",
      detail: "The body must be JSON. Send `content-type: application/json`.",
    });
  }
  const text = await boundedText(request, bytesMax);
  if (jsonDepth(text) > DEPTH_MAX) throw invalidRequest("", `the body is nested more than ${DEPTH_MAX} deep`);
  try {
    return JSON.parse(text);
  } catch {
    throw invalidRequest("", "the body is not JSON");
  }
}

async function boundedText(request: Request, bytesMax: number): Promise<string> {
  if (request.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of request.body) {
    bytes += chunk.byteLength;
    if (bytes > bytesMax) throw tooLarge(bytesMax);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw invalidRequest("", "the body is not UTF-8");
  }
}

function tooLarge(bytesMax: number): ApiError {
  return new ApiError({
    status: 413,
    code: "BODY_TOO_LARGE",
    detail: `The body has more than ${bytesMax} bytes. Store the data elsewhere, and send its address.`,
  });
}
