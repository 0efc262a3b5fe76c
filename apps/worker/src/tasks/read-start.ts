import type { Response } from "undici";

/**
 * Returns the first bytes of an answer's body as text, at most `bytesMax`. Frees the connection: a body read to its end
 * leaves the connection usable, and a longer body is canceled. Rejects when the body breaks off.
 */
export async function readStart(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let left = bytesMax;
  // A `break` from this loop cancels the body.
  for await (const chunk of response.body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  return text;
}
