import { InvalidOptionError } from "@millrace/base";

/** The characters of a base path stand for themselves in every URL, so no reader has to decode them. */
const BASE_PATH = /^(?:\/[A-Za-z0-9._~-]+)*$/;

/** Checks a base path: empty, or parts that each begin with a slash, such as `/ops/millrace`. Returns the base path. */
export function checkBasePath(value: unknown): string {
  const isPath = typeof value === "string" && BASE_PATH.test(value) && !/\/\.\.?(?:\/|$)/.test(value);
  if (isPath) return value;
  const expected =
    'empty or a path such as "/ops/millrace", of letters, digits and . _ ~ -, without a slash at its end';
  throw new InvalidOptionError("basePath", expected, value);
}

/**
 * Returns the part of a path below the base path, with its first slash. A path that is not below the base path stays as
 * it is: a proxy or a router has cut off the base path.
 */
export function pathBelow(basePath: string, pathname: string): string {
  if (pathname === basePath) return "/";
  return pathname.startsWith(`${basePath}/`) ? pathname.slice(basePath.length) : pathname;
}
