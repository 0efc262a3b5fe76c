/** The headers of every answer: no page may show or frame an answer, guess its type, or keep it. */
const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
  "cross-origin-resource-policy": "same-origin",
};

/** Returns an answer with the headers of every answer. A header that the answer has already stays. */
export function withAnswerHeaders(response: Response): Response {
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(ANSWER_HEADERS))
    if (!headers.has(name)) headers.set(name, value);
  return new Response(response.body, { status: response.status, headers });
}
