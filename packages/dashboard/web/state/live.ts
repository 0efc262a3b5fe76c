import { computed, signal } from "@preact/signals";
import { storedSignal } from "./stored-signal.ts";

/** Whether the pages follow what happens, as chosen here. */
export const liveChoice = storedSignal<"on" | "off">("live", {
  otherwise: "on",
  isValid: (text): text is "on" | "off" => text === "on" || text === "off",
});

const visible = signal(!document.hidden);

/** Whether the pages follow what happens now: chosen, and the tab is visible. */
export const isLive = computed(() => liveChoice.value === "on" && visible.value);

/** Whether the tab is visible. */
export const isVisible = computed(() => visible.value);

/** Follows whether the tab is visible. Called once. */
export function followVisibility(): void {
  document.addEventListener("visibilitychange", () => {
    visible.value = !document.hidden;
  });
}
