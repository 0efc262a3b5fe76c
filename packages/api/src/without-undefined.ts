/** The fields of an object that have a value. */
type Given<Fields> = { [Name in keyof Fields]: Exclude<Fields[Name], undefined> };

/** Returns an object without its fields that are undefined: the library refuses such fields. */
export function withoutUndefined<Fields extends object>(fields: Fields): Partial<Given<Fields>> {
  // The cast is safe: only fields with a value are left.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Given<Fields>
  >;
}
