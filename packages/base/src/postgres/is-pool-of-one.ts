/** Whether a pool has at most one connection. A listener would keep this connection, so nothing else could use it. */
export function isPoolOfOne(pool: object): boolean {
  const options: unknown = "options" in pool ? pool.options : undefined;
  return typeof options === "object" && options !== null && "max" in options && options.max === 1;
}
