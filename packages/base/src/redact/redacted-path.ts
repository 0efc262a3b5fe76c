import { checkText } from "../check/check-text.ts";
import { InvalidOptionError } from "../errors.ts";

/** Stands for any one key or position. */
export const ANY: unique symbol = Symbol("*");

/** Stands for any number of keys and positions, also none. */
export const DEEP: unique symbol = Symbol("**");

/** A part of a path: a key, a position in decimal, or a star. */
export type Segment = string | typeof ANY | typeof DEEP;

/** A path within JSON whose value is not to be sent. */
export interface RedactedPath {
  /** The path as the caller wrote it. */
  name: string;
  segments: readonly Segment[];
}

const PATHS_MAX = 100;

/** Reads the paths to redact, which were given as `option`. Throws `InvalidOptionError`. */
export function redactedPaths(paths: unknown, option = "redact"): readonly RedactedPath[] {
  if (!Array.isArray(paths) || paths.length > PATHS_MAX) {
    throw new InvalidOptionError(option, `an array of at most ${PATHS_MAX} paths`, paths);
  }
  return paths.map((path) => ({
    name: checkText(option, path, 200),
    segments: segmentsOf(option, String(path)),
  }));
}

/** Splits at each dot. A backslash before a dot, a star or a backslash makes it a part of a key. */
function segmentsOf(option: string, path: string): Segment[] {
  const parts = path.match(/(?:\\[\s\S]|[^.\\])+|\\$/g) ?? [];
  const dots = path.replace(/\\[\s\S]/g, "").split(".").length;
  if (parts.length !== dots || path.endsWith("\\")) {
    throw new InvalidOptionError(
      option,
      "paths of keys with a dot between them, such as `card.number`",
      path,
    );
  }
  return parts.map((part) => (part === "*" ? ANY : part === "**" ? DEEP : part.replace(/\\([\s\S])/g, "$1")));
}

/** The same paths below a key that stands anywhere. */
export function pathsBelow(key: string, paths: readonly RedactedPath[]): RedactedPath[] {
  return paths.map(({ name, segments }) => ({ name, segments: [DEEP, key, ...segments] }));
}

/** The same paths at any depth. */
export function pathsAnywhere(paths: readonly RedactedPath[]): RedactedPath[] {
  return paths.map(({ name, segments }) => ({ name, segments: [DEEP, ...segments] }));
}
