import { useMemo, useState } from "preact/hooks";
import { bytesText, countText } from "../text/count-text.ts";
import { type JsonLine, jsonLines, jsonTokens } from "../text/json-tokens.ts";
import { REDACTED } from "../text/redacted.ts";
import { CopyButton } from "./copy-button.tsx";

/** How much is laid out at first: more would make the page slow. */
const CHARACTERS_MAX = 100_000;
const LINES_MAX = 400;

/** From this size on, the whole text is shown as it is stored: so many coloured pieces would stop the browser. */
const COLOURED_CHARACTERS_MAX = 500_000;

/** JSON, laid out for people. Every number and string is shown as it is stored. Copying copies the stored text. */
export function JsonView({ json, label }: { json: string; label: string }) {
  const [whole, setWhole] = useState(false);
  const lines = useMemo(
    () => jsonLines(jsonTokens(json.slice(0, whole ? COLOURED_CHARACTERS_MAX : CHARACTERS_MAX))),
    [json, whole],
  );
  const plain = whole && json.length > COLOURED_CHARACTERS_MAX;
  const shown = whole ? lines : lines.slice(0, LINES_MAX);
  const cut = !whole && (json.length > CHARACTERS_MAX || lines.length > LINES_MAX);
  return (
    <div class="json">
      <div class="json-tools">
        <span class="quiet">{bytesText(new Blob([json]).size)}</span>
        <CopyButton text={json} what={label.toLowerCase()} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <pre class="json-text" tabIndex={0}>
        {plain ? json : shown.map((line, index) => <Line key={index} line={line} isCut={cut} />)}
      </pre>
      {cut ? (
        <button type="button" class="button small" onClick={() => setWhole(true)}>
          Show all {countText(json.length, "character")}
        </button>
      ) : null}
    </div>
  );
}

function Line({ line: { depth, tokens }, isCut }: { line: JsonLine; isCut: boolean }) {
  return (
    <>
      {"  ".repeat(depth)}
      {tokens.map(({ kind, text }, index) => {
        if (kind === "punctuation") return text === ":" ? ": " : text;
        // The text that was cut off may end within a string: the string itself is sound.
        const shownKind = kind === "bad" && isCut && text.startsWith('"') ? "string" : kind;
        const redacted = kind === "string" && text === REDACTED;
        return (
          <span key={index} class={`json-${redacted ? "redacted" : shownKind}`}>
            {redacted ? "redacted" : text}
          </span>
        );
      })}
      {"\n"}
    </>
  );
}
