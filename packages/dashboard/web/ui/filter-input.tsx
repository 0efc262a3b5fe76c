import type { TargetedInputEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ControlProps } from "./field.tsx";

/**
 * An input of a filter. What is typed is handed on when the input is left, cleared, or Enter is pressed: a search for
 * each key would cost the database much. What is being typed stays while the page around it is drawn anew.
 */
export function FilterInput({
  value,
  onCommit,
  control = {},
  type = "search",
  first = false,
  ...rest
}: {
  value: string;
  onCommit: (value: string) => void;
  control?: Partial<ControlProps>;
  type?: "search" | "datetime-local";
  /** Whether the key `/` goes here. */
  first?: boolean;
  list?: string;
  placeholder?: string;
}) {
  const [draft, setDraft] = useState(value);
  useEffect(() => setDraft(value), [value]);
  const commit = (text: string) => {
    if (text.trim() !== value) onCommit(text.trim());
  };
  const given = {
    ...control,
    ...rest,
    class: "input",
    autoComplete: "off",
    spellcheck: false,
    "data-filter": first ? true : undefined,
    value: draft,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => {
      const text = event.currentTarget.value;
      setDraft(text);
      if (text === "") commit(text);
    },
    onBlur: () => commit(draft),
    onKeyDown: (event: TargetedKeyboardEvent<HTMLInputElement>) => {
      if (event.key === "Enter") commit(event.currentTarget.value);
    },
  };
  return type === "search" ? <input {...given} type="search" /> : <input {...given} type={type} step={1} />;
}
