/** Shortens a text to at most `charactersMax` characters. A shortened text ends with an ellipsis. */
export function truncate(text: string, charactersMax: number): string {
  const characters = [...text];
  if (characters.length <= charactersMax) return text;
  return `${characters.slice(0, charactersMax - 1).join("")}…`;
}
