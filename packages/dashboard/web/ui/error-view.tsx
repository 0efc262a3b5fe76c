import { countText } from "../text/count-text.ts";
import { type ErrorPart, errorParts } from "../text/error-parts.ts";
import { CopyButton } from "./copy-button.tsx";

/** An error with its causes. Frames and fields are folded. Copying copies the whole text. */
export function ErrorView({ error }: { error: string }) {
  return (
    <div class="error-view">
      <CopyButton text={error} what="error" />
      {errorParts(error).map((part, index) => (
        <Part key={index} part={part} />
      ))}
    </div>
  );
}

function Part({ part: { label, message, frames, fields } }: { part: ErrorPart }) {
  return (
    <div class="error-part">
      {label === "" ? null : <span class="quiet">{label}</span>}
      <p class="error-text">{message}</p>
      {fields.length === 0 ? null : <p class="error-text quiet">{fields.join("\n")}</p>}
      {frames.length === 0 ? null : (
        <details>
          <summary>{countText(frames.length, "frame")}</summary>
          <p class="error-text quiet">{frames.join("\n")}</p>
        </details>
      )}
    </div>
  );
}
