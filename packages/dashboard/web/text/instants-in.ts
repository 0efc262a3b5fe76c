/** A piece of a text: an instant, as ISO text in UTC, or what stands between instants. */
export interface TextPiece {
  kind: "text" | "instant";
  text: string;
}

/** Splits a text into its instants and what stands between them, so that instants can be shown in another time zone. */
export function instantsIn(text: string): TextPiece[] {
  return text
    .split(/(\b\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?Z)/)
    .map((piece, index) => ({ kind: index % 2 === 1 ? "instant" : "text", text: piece }) as const)
    .filter(({ text: piece }) => piece !== "");
}
