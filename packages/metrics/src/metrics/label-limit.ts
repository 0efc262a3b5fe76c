/** The label of all values after the first ones. */
export const OTHER = "other";

/**
 * How many values a label may have. Queues and types are few in most programs. Where they are many, as with a queue for
 * each customer, each value would cost Prometheus a series of every metric.
 */
const VALUES_MAX = 100;

/** Keeps a label to the first values that come. All other values share the label `other`. */
export class LabelLimit {
  readonly #known = new Set<string>();

  /** The label for a value. */
  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= VALUES_MAX) return OTHER;
    this.#known.add(value);
    return value;
  }
}
