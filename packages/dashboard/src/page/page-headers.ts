/**
 * What a page may do: run this server's own scripts, and talk to this server. No inline script, no inline style, no
 * frame around the page.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** The headers of every answer outside the API. */
export const SAFE_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** The headers of a page. A page is not kept, because its assets change with each release. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  ...SAFE_HEADERS,
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "x-robots-tag": "noindex",
};
