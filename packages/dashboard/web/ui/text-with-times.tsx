import { instantsIn } from "../text/instants-in.ts";
import { ClockTime } from "./time.tsx";

/** A text of the server, its instants in the time zone of the pages. */
export function TextWithTimes({ text }: { text: string }) {
  return (
    <>
      {instantsIn(text).map((piece, index) =>
        piece.kind === "instant" ? <ClockTime key={index} at={piece.text} /> : piece.text,
      )}
    </>
  );
}
