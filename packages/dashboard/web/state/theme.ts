import { effect } from "@preact/signals";
import { storedSignal } from "./stored-signal.ts";

/** The colours of the pages: as the system says, or as chosen here. */
export const THEMES = ["auto", "light", "dark"] as const;

/** One of `THEMES`. */
export type Theme = (typeof THEMES)[number];

/** The chosen theme. */
export const theme = storedSignal<Theme>("theme", {
  otherwise: "auto",
  isValid: (text): text is Theme => THEMES.some((each) => each === text),
});

/** Writes the theme onto the document, where the styles read it. Called once. */
export function followTheme(): void {
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}
