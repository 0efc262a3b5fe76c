import { useState } from "preact/hooks";
import { href } from "../route/location.ts";
import { undo } from "../state/act.ts";
import { closeToast, type Toast, toasts } from "../state/toasts.ts";
import { Icon } from "./icons.tsx";

/** The messages at the edge of the page. Stands once in the frame, and is read out as messages come. */
export function ToastList() {
  return (
    <section class="toasts" aria-live="polite" aria-label="Messages">
      {toasts.value.map((toast) => (
        <ToastRow key={toast.id} toast={toast} />
      ))}
    </section>
  );
}

function ToastRow({ toast: { id, text, kind, commandId, link } }: { toast: Toast }) {
  const [undoing, setUndoing] = useState(false);
  const onUndo = async () => {
    if (commandId === null) return;
    setUndoing(true);
    if (await undo(commandId)) closeToast(id);
    else setUndoing(false);
  };
  return (
    <div class="toast" data-kind={kind} role={kind === "alert" ? "alert" : undefined}>
      <Icon name={kind === "alert" ? "warning" : "done"} />
      <span class="toast-text">
        {text} {link === null ? null : <a href={href(link.path)}>{link.text}</a>}
      </span>
      {commandId === null ? null : (
        <button type="button" class="button small" disabled={undoing} onClick={onUndo}>
          {undoing ? "Undoing…" : "Undo"}
        </button>
      )}
      <button type="button" class="icon-button" aria-label="Close message" onClick={() => closeToast(id)}>
        <Icon name="close" />
      </button>
    </div>
  );
}
