import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What a field hands to its control, so that label, hint and error belong to it. */
export interface ControlProps {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean | undefined;
}

/** A labelled control. `error` says what is wrong with what stands in it. */
export function Field({
  label,
  hint,
  error,
  wide = false,
  children,
}: {
  label: string;
  hint?: ComponentChildren;
  error?: string | null;
  wide?: boolean;
  children: (control: ControlProps) => ComponentChildren;
}) {
  const id = useId();
  const told = [hint === undefined ? [] : [`${id}-hint`], error == null ? [] : [`${id}-error`]].flat();
  return (
    <div class={wide ? "field wide" : "field"}>
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-describedby": told.length === 0 ? undefined : told.join(" "),
        "aria-invalid": error == null ? undefined : true,
      })}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {error == null ? null : (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
    </div>
  );
}
