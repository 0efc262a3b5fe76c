/** Whether a pool has a single connection: a listener would keep it, and nothing else could be done there. */
export function isPoolOfOne(pool: object): boolean {
  const options: unknown = "options" in pool ? pool.options : undefined;
  return typeof options === "object" && options !== null && "max" in options && options.max === 1;
}
