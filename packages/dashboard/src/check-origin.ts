import { InvalidOptionError } from "@millrace/base";

/** Checks an origin, such as `https://ops.example.com`, without a path. */
export function checkOrigin(value: unknown): void {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : null;
  if (url !== null && /^https?:$/.test(url.protocol) && url.origin === value) return;
  throw new InvalidOptionError(
    "origin",
    'an origin such as "https://ops.example.com", without a path',
    value,
  );
}
