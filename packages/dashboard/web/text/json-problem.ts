/** What is wrong with a text as JSON; null for JSON. Ask this, and send the text itself: then no number is rounded. */
export function jsonProblem(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return `This is no JSON: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
