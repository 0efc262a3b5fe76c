import { pathsBelow, type RedactedPath, redactedPaths } from "@millrace/base";
import { REDACTED, type RedactedJson, redactJson } from "./redact-json.ts";

/** Keeps the values at some paths of jobs' JSON from being sent. */
export interface Redactor {
  /** The paths as the caller wrote them. */
  readonly paths: readonly string[];
  /**
   * Redacts a payload, an output, a progress or metadata, given as JSON text. Of a text that is too long to look at,
   * nothing is shown.
   */
  text(json: string): RedactedJson;
  /** The answer for a text that was not read because it is too long: nothing is shown. */
  readonly unread: RedactedJson;
  /**
   * Returns a redacted path that a filter by contained JSON names; null if it names none. Such a filter would tell,
   * guess by guess, what is at the path.
   */
  pathInFilter(json: string): string | null;
  /** Redacts payloads, outputs, progresses and metadata anywhere within a value, such as an entry of the audit log. */
  within(value: unknown): unknown;
}

/** The longest text that is redacted, in characters. A longer one would keep the process too long. */
export const REDACTED_LENGTH_MAX = 2_000_000;

/** The names under which entries of the audit log, and arguments of commands, have JSON of jobs. */
const JSON_FIELDS = ["payload", "payloadContains", "output", "progress", "metadata"];

/** Creates a redactor for paths such as `card.number`. Throws `InvalidOptionError`. */
export function createRedactor(given: readonly string[]): Redactor {
  const paths = redactedPaths(given);
  const names = paths.map(({ name }) => name);
  const fieldPaths = JSON_FIELDS.flatMap((field) => pathsBelow(field, paths));
  // A dead letter has the payload of the job that failed as a field of its own payload.
  const jobPaths = [...paths, ...pathsBelow("payload", paths)];
  const unread = { text: REDACTED, hits: names };
  return {
    paths: names,
    unread,
    text: (json) => redacted(json, jobPaths, unread),
    pathInFilter: (json) => pathInFilter(json, jobPaths),
    within(value) {
      if (paths.length === 0) return value;
      const { text } = redacted(JSON.stringify(value), fieldPaths, unread, true);
      return JSON.parse(text) as unknown;
    },
  };
}

function redacted(
  json: string,
  paths: readonly RedactedPath[],
  unread: RedactedJson,
  anyIndex = false,
): RedactedJson {
  if (paths.length === 0) return { text: json, hits: [] };
  if (json.length > REDACTED_LENGTH_MAX) return unread;
  try {
    return redactJson(json, paths, { anyIndex });
  } catch {
    // A text that cannot be read, or not in time, is not sent.
    return unread;
  }
}

/**
 * PostgreSQL looks for an element of a filter's array at each position of the payload's array, so a position in a path
 * fits every position of the filter. It also finds a single value in an array.
 */
function pathInFilter(json: string, paths: readonly RedactedPath[]): string | null {
  if (paths.length === 0) return null;
  const isScalar = !/^\s*[{[]/.test(json);
  try {
    return redactJson(isScalar ? `[${json}]` : json, paths, { anyIndex: true }).hits[0] ?? null;
  } catch {
    // A filter that cannot be looked through may name any path.
    return paths[0]?.name ?? null;
  }
}
