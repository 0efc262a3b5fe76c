/**
 * Reads the name of a table or a view, or of a table's column, as an entry of a setting has it: parts with a dot
 * between them, each exactly as the catalog has it. A part that has a dot, a comma or a quote in it stands in double
 * quotes, and a double quote within it is doubled, as in SQL. Returns the parts, or null for any other text.
 */
export function parseRelationName(text: string): string[] | null {
  const trimmed = text.trim();
  if (!WHOLE.test(trimmed)) return null;
  const parts = (trimmed.match(PART) ?? []).map((part) =>
    part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part,
  );
  return parts;
}

/** How a setting writes the name that a job asks for. The name can be copied into the setting. */
export function relationText(parts: readonly string[]): string {
  return parts.map((part) => (/[".,\s]/.test(part) ? `"${part.replaceAll('"', '""')}"` : part)).join(".");
}

/**
 * Whether a setting names a relation. An entry of one part means the schema `public`. An entry that has a column as its
 * third part names this column alone; `column` is the column that the job asks for, if it asks for one.
 */
export function namesRelation(
  entries: readonly string[],
  asked: { schema: string; name: string; column?: string },
): boolean {
  return entries.some((entry) => {
    const parts = parseRelationName(entry) ?? [];
    const [schema, name, column] = parts.length === 1 ? ["public", ...parts] : parts;
    return (
      schema === asked.schema && name === asked.name && (column === undefined || column === asked.column)
    );
  });
}

const PART = /"(?:[^"]|"")+"|[^".\s]+/g;
const WHOLE = /^(?:"(?:[^"]|"")+"|[^".\s]+)(?:\.(?:"(?:[^"]|"")+"|[^".\s]+))*$/;
