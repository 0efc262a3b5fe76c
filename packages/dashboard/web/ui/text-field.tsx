import type { ComponentChildren } from "preact";
import { Field } from "./field.tsx";

/** A labelled input of one line. `onInput` is called with the text at each key. */
export function TextField({
  label,
  value,
  error,
  hint,
  wide = false,
  type = "text",
  list,
  isCode = false,
  onInput,
}: {
  label: string;
  value: string;
  error?: string | null | undefined;
  hint?: ComponentChildren;
  wide?: boolean;
  type?: "text" | "datetime-local";
  /** The id of a list of values to choose from. */
  list?: string | undefined;
  isCode?: boolean;
  onInput: (text: string) => void;
}) {
  return (
    <Field label={label} hint={hint} error={error ?? null} wide={wide}>
      {(control) => (
        <input
          {...control}
          class={isCode ? "input mono" : "input"}
          type={type}
          step={type === "datetime-local" ? 1 : undefined}
          list={list}
          autoComplete="off"
          spellcheck={false}
          value={value}
          onInput={({ currentTarget }) => onInput(currentTarget.value)}
        />
      )}
    </Field>
  );
}
