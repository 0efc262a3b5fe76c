import type { ComponentChildren } from "preact";

/** A named fact in a list of class `facts`. `isWide` gives it the room of two; `isBad` wants attention. */
export function Fact({
  name,
  hint,
  isBad = false,
  isWide = false,
  children,
}: {
  name: string;
  /** What the name means, when it is pointed at. */
  hint?: string;
  isBad?: boolean;
  isWide?: boolean;
  children: ComponentChildren;
}) {
  return (
    <div class={isWide ? "fact-wide" : undefined} data-bad={isBad ? "" : undefined}>
      <dt title={hint}>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
