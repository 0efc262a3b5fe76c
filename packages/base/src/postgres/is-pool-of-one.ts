/**
 * Whether a pool has a single connection. A listener would keep that connection, and nothing else could use the pool.
 */
export function isPoolOfOne(pool: object): boolean {
  const options: unknown = "options" in pool ? pool.options : undefined;
  return typeof options === "object" && options !== null && "max" in options && options.max === 1;
}
