import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A part of a page, with its heading. `tools` stand beside the heading: links, choices, or a remark. */
export function Panel({
  title,
  tools,
  kind,
  children,
}: {
  title: string;
  tools?: ComponentChildren;
  /** A class of its own, for styles. */
  kind?: string;
  children: ComponentChildren;
}) {
  const id = useId();
  return (
    <section class={kind === undefined ? "panel" : `panel ${kind}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {tools}
      </header>
      {children}
    </section>
  );
}
