import { useEffect, useState } from "preact/hooks";
import { showToast } from "../state/toasts.ts";
import { Icon } from "./icons.tsx";

/** Copies a text. `what` says which text, for people who hear the button: `job id`. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 1_500);
    return () => clearTimeout(timer);
  }, [copied]);
  const onCopy = async () => {
    if (await copyText(text)) setCopied(true);
    else showToast("This browser did not allow the copy: select the text instead.", { kind: "alert" });
  };
  return (
    <button
      type="button"
      class="icon-button copy"
      aria-label={copied ? `Copied ${what}` : `Copy ${what}`}
      title={copied ? "Copied" : `Copy ${what}`}
      onClick={onCopy}
    >
      <Icon name={copied ? "done" : "copy"} />
    </button>
  );
}

/** Puts a text onto the clipboard. The old way serves pages that were not loaded by https. */
async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard !== undefined) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not allowed: try the old way.
    }
  }
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "off-screen";
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
