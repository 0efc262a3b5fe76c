import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

/**
 * The heading of a page, with what can be done there. It names the browser's tab. `name` names the tab where the
 * heading is more than text.
 */
export function PageHead({
  title,
  name,
  children,
}: {
  title: ComponentChildren;
  name: string;
  children?: ComponentChildren;
}) {
  useEffect(() => {
    document.title = `${name} · Millrace`;
  }, [name]);
  return (
    <header class="page-head">
      <h1 id="page-title" tabIndex={-1}>
        {title}
      </h1>
      {children == null ? null : <div class="page-actions">{children}</div>}
    </header>
  );
}
