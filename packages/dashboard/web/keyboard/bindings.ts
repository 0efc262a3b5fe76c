import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { type KeyBinding, stepKeys } from "./key-sequence.ts";

/** All keys that do something now. Those of the page come after those of the frame. */
export const keyBindings = signal<readonly KeyBinding[]>([]);

/** Adds keys, as long as the component is shown. */
export function useKeys(bindings: readonly KeyBinding[]): void {
  const latest = useRef(bindings);
  latest.current = bindings;
  const keys = bindings.map((each) => each.keys).join(",");

  useEffect(() => {
    const added = latest.current.map((binding) => ({
      ...binding,
      run: () => latest.current.find((each) => each.keys === binding.keys)?.run(),
    }));
    keyBindings.value = [...keyBindings.peek(), ...added];
    return () => {
      keyBindings.value = keyBindings.peek().filter((each) => !added.includes(each));
    };
  }, [keys]);
}

/** How long a begun sequence waits for its next key. */
const SEQUENCE_MS = 1_500;

/** Runs what the keys do. Keys that are typed into a field, or pressed in a dialog, are left alone. Called once. */
export function followKeys(): void {
  let pending: readonly string[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || isTaken(event)) return;
    if (event.key === "Shift") return;
    const step = stepKeys(pending, event.key, keyBindings.peek());
    pending = step.pending;
    clearTimeout(timer);
    if (pending.length > 0) {
      timer = setTimeout(() => {
        pending = [];
      }, SEQUENCE_MS);
    }
    if (step.binding === null) return;
    event.preventDefault();
    step.binding.run();
  });
}

/** Whether the key belongs to what has the focus. */
function isTaken({ target }: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open]") !== null) return true;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target instanceof HTMLInputElement && target.type !== "checkbox" && target.type !== "radio";
}
