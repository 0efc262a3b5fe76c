import { createHmac } from "node:crypto";
import { checkFields, fieldNames, InvalidOptionError, integerIn, isUuid, machineNow } from "@millrace/base";
import { z } from "zod";
import { isSameText } from "../security/is-same-text.ts";

/** What a token may show of its job beside the state and the count of attempts. Never the payload or an error. */
export const WATCH_FIELDS = ["progress", "runAt"] as const;

/** One of `WATCH_FIELDS`. */
export type WatchField = (typeof WATCH_FIELDS)[number];

/** The longest life of a token, in ms: a day. */
export const WATCH_TTL_MAX_MS = 86_400_000;

/** The default life of a token, in ms. */
export const WATCH_TTL_MS = 600_000;

/** The options of `createWatchToken`. */
export interface WatchTokenOptions {
  /** The key that `createApi` has as `signingKey`: at least 32 bytes, as bytes or as text. */
  signingKey: string | Uint8Array;
  /** The job that the token is for. */
  jobId: string;
  /** How long the token lives, in ms, 1,000 to 86,400,000. Default 600,000. */
  ttlMs?: number;
  /** What the token shows beside the state and the count of attempts. Default: `progress` and `runAt`. */
  fields?: readonly WatchField[];
  /** When the token's life begins. Default: now, by the clock of this machine. */
  from?: Date;
}

/** The content of a token. */
export interface WatchClaims {
  jobId: string;
  /** In ms since 1970, to be compared with the database's clock. */
  expiresMs: number;
  fields: readonly WatchField[];
}

const FIELDS = fieldNames<WatchTokenOptions>({
  signingKey: true,
  jobId: true,
  ttlMs: true,
  fields: true,
  from: true,
});

/**
 * Creates a token with which anybody may read the events of one job, and nothing else, until the token expires. For
 * programs that enqueue a job and let their own users follow it: `GET /jobs/{id}/events?token=...`. The API compares
 * the end of the token's life with the database's clock. A wrong clock of this machine makes that life longer or
 * shorter. Throws `InvalidOptionError` (`INVALID_OPTION`).
 *
 * @example
 * const { id } = await queue.enqueue("render", { page: 7 });
 * const token = createWatchToken({ signingKey: process.env.WATCH_KEY, jobId: id, ttlMs: 60_000 });
 */
export function createWatchToken(options: WatchTokenOptions): string {
  checkFields("options", options, FIELDS);
  const { jobId, ttlMs = WATCH_TTL_MS, fields = WATCH_FIELDS, from = new Date(machineNow()) } = options;
  const key = checkSigningKey(options.signingKey);
  if (typeof jobId !== "string" || !isUuid(jobId)) throw new InvalidOptionError("jobId", "a job's id", jobId);
  integerIn("ttlMs", ttlMs, [1_000, WATCH_TTL_MAX_MS]);
  if (Number.isNaN(from.getTime())) throw new InvalidOptionError("from", "a valid Date", from);
  if (!Array.isArray(fields) || !fields.every((field) => WATCH_FIELDS.includes(field))) {
    throw new InvalidOptionError("fields", `a list of ${WATCH_FIELDS.join(", ")}`, fields);
  }
  const body = { v: 1, job: jobId.toLowerCase(), exp: from.getTime() + ttlMs, fields };
  const text = Buffer.from(JSON.stringify(body)).toString("base64url");
  return `${text}.${signatureOf(key, text)}`;
}

/** The longest text that may be a token. */
const TOKEN_LENGTH_MAX = 1_000;

const bodySchema = z.strictObject({
  v: z.literal(1),
  job: z.guid(),
  exp: z.int(),
  fields: z.array(z.enum(WATCH_FIELDS)),
});

/** Returns what a token says; null if the token was not made with this key. The caller compares job and end. */
export function readWatchToken(signingKey: Uint8Array, token: string): WatchClaims | null {
  if (token.length > TOKEN_LENGTH_MAX) return null;
  const [text = "", signature = "", ...rest] = token.split(".");
  // Compares texts, not bytes: base64 has several texts for the same bytes.
  if (rest.length > 0 || !isSameText(signature, signatureOf(signingKey, text))) return null;
  const { success, data } = bodySchema.safeParse(parsed(text));
  return success ? { jobId: data.job, expiresMs: data.exp, fields: data.fields } : null;
}

/** Returns the bytes of a key of at least 32 bytes. Throws `InvalidOptionError`, which does not show the key. */
export function checkSigningKey(signingKey: unknown): Uint8Array {
  const bytes = typeof signingKey === "string" ? Buffer.from(signingKey) : signingKey;
  if (bytes instanceof Uint8Array && bytes.byteLength >= 32) return bytes;
  throw new InvalidOptionError("signingKey", {
    message: "Expected `signingKey` to be at least 32 bytes, as text or as bytes, from a random source.",
  });
}

/** The prefix keeps the signatures of tokens apart from all else that may be signed with the same key. */
function signatureOf(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(`millrace job events ${text}`).digest("base64url");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
}
