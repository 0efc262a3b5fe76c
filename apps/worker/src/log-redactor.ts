import {
  type PathState,
  pathsAnywhere,
  pathsBelow,
  type RedactedPath,
  redactedPaths,
  rootState,
} from "@millrace/base";
import type { ClaimedJob } from "@millrace/queue";

/** Keeps the values at some paths of payloads out of the log. */
export interface LogRedactor {
  /** Returns a line of JSON without the values at the paths, which may stand at any depth of the line. */
  line(text: string): string;
  /** Returns the text of a job's error without the values that the job's payload has at the paths. */
  errorText(text: string, job: Pick<ClaimedJob, "payload">): string;
}

const REDACTED = "[redacted]";

/** What is written in place of a line that cannot be redacted. */
const LEFT_OUT = `${JSON.stringify({ level: 40, msg: "a line was left out: it is too large to be redacted" })}\n`;

/** The longest line that is redacted, in characters. A longer line would keep the process too long. */
const LINE_LENGTH_MAX = 1_000_000;

/** A shorter value is left in texts: it would be found within other words. */
const VALUE_LENGTH_MIN = 4;

/** A payload with more values at the paths hides the whole text. */
const VALUES_MAX = 1_000;

/** Fields of errors of the database that may quote a whole row. */
const ROW_PATHS = redactedPaths(["err.**.detail", "err.**.where"]);

/** Creates a redactor for paths such as `card.number`; null for no paths. Throws `InvalidOptionError`. */
export function createLogRedactor(given: readonly string[]): LogRedactor | null {
  if (given.length === 0) return null;
  const paths = redactedPaths(given, "logRedact");
  const linePaths = [...pathsAnywhere(paths), ...ROW_PATHS];
  // A dead letter has the payload of the job that failed as a field of its own payload.
  const payloadPaths = [...paths, ...pathsBelow("payload", paths)];
  return {
    line(text) {
      if (text.length > LINE_LENGTH_MAX) return LEFT_OUT;
      try {
        const line: unknown = JSON.parse(text);
        for (const { holder, key } of placesAt(line, linePaths)) redact(holder, key);
        return `${JSON.stringify(line)}\n`;
      } catch {
        return LEFT_OUT;
      }
    },
    errorText(text, { payload }) {
      try {
        const values = textsAt({ payload }, pathsBelow("payload", payloadPaths));
        if (values.length === 0) return text;
        // The longest first: a value may begin with another one.
        values.sort((a, b) => b.length - a.length);
        return text.replaceAll(new RegExp(values.map(escaped).join("|"), "g"), REDACTED);
      } catch {
        return REDACTED;
      }
    },
  };
}

/** A value within JSON: the object or array that has it, and its key. */
interface Place {
  holder: object;
  key: string;
}

/** The places at the paths. Does not look below such a place. Needs no stack, however deep the JSON is. */
function* placesAt(root: unknown, paths: readonly RedactedPath[]): Generator<Place> {
  const ahead: { value: unknown; state: PathState }[] = [
    { value: root, state: rootState(paths, { anyIndex: false }) },
  ];
  for (let each = ahead.pop(); each !== undefined; each = ahead.pop()) {
    const { value, state } = each;
    if (typeof value !== "object" || value === null || state.isDead) continue;
    for (const [key, part] of Object.entries(value)) {
      const next = state.after(key, Array.isArray(value));
      if (next.ends.length > 0) yield { holder: value, key };
      else ahead.push({ value: part, state: next });
    }
  }
}

function redact(holder: object, key: string): void {
  // Not by assignment: the key may be `__proto__`.
  Object.defineProperty(holder, key, {
    value: REDACTED,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/**
 * The texts and numbers at the paths, as the text of an error may quote them. Throws `RangeError` for more than
 * `VALUES_MAX` of them.
 */
function textsAt(root: object, paths: readonly RedactedPath[]): string[] {
  const texts = new Set<string>();
  const ahead: unknown[] = [...placesAt(root, paths)].map(valueAt);
  while (ahead.length > 0) {
    const value = ahead.pop();
    if (typeof value === "object" && value !== null)
      for (const part of Object.values(value)) ahead.push(part);
    else if (typeof value === "number") texts.add(String(value));
    else if (typeof value === "string") texts.add(value).add(JSON.stringify(value).slice(1, -1));
    if (texts.size > VALUES_MAX) throw new RangeError("The payload has too many values at the paths.");
  }
  return [...texts].filter((text) => text.length >= VALUE_LENGTH_MIN);
}

function valueAt({ holder, key }: Place): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
