/** The parameters of a statement whose text is put together from the given conditions. */
export class Parameters {
  readonly values: unknown[] = [];
  readonly #first: number;

  /** `first` is the number of the first parameter that is added. */
  constructor(first: number) {
    this.#first = first;
  }

  /** Adds a value. Returns the text that stands for the value in the statement: `$4`. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.#first + this.values.length - 1}`;
  }
}
