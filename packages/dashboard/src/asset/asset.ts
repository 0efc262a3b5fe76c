import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";

/** A file of the bundle, in memory. */
export interface Asset {
  readonly type: string;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  /** The compressed body, for a type that becomes smaller. Null for a type that does not, such as an image. */
  readonly gzipped: { readonly body: Uint8Array<ArrayBuffer>; readonly etag: string } | null;
}

/** The types of the files that a bundle may have. A file of another type is a mistake in the build. */
const TYPES: Readonly<Record<string, { type: string; compressible: boolean }>> = {
  js: { type: "text/javascript; charset=utf-8", compressible: true },
  css: { type: "text/css; charset=utf-8", compressible: true },
  svg: { type: "image/svg+xml", compressible: true },
  json: { type: "application/json", compressible: true },
  webmanifest: { type: "application/manifest+json", compressible: true },
  png: { type: "image/png", compressible: false },
  ico: { type: "image/x-icon", compressible: false },
  woff2: { type: "font/woff2", compressible: false },
};

/** Makes an asset of a file. Null: no page may load a file with this name, because its type is unknown. */
export function createAsset(name: string, content: Uint8Array): Asset | null {
  const known = TYPES[name.slice(name.lastIndexOf(".") + 1)];
  if (known === undefined) return null;
  const body = new Uint8Array(content);
  const digest = createHash("sha256").update(body).digest("base64url").slice(0, 22);
  return {
    type: known.type,
    body,
    etag: `"${digest}"`,
    gzipped: known.compressible
      ? { body: new Uint8Array(gzipSync(body, { level: 9 })), etag: `"${digest}-gzip"` }
      : null,
  };
}
