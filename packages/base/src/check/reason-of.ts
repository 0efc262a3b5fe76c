/**
 * The reason of an error, in one line without a full stop. Some errors have only a code, or hold other errors that have
 * the reason.
 */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === "" && error.errors.length > 0)
    return [...new Set(error.errors.map(reasonOf))].join("; ");
  if (!(error instanceof Error)) return oneLine(String(error));
  if (error.message !== "") return oneLine(error.message);
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/\.$/, "");
}
