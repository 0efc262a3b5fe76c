/** Makes a parser that collects the values of an option that may be given several times. */
export function collect<T>(parse: (text: string) => T): (text: string, before?: readonly T[] | false) => T[] {
  // False: an option such as --no-tag was given before.
  return (text, before) => [...(Array.isArray(before) ? (before as readonly T[]) : []), parse(text)];
}
