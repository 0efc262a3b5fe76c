import { computed, signal } from "@preact/signals";
import { theme } from "../../state/theme.ts";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(system.matches);
system.addEventListener("change", ({ matches }) => {
  systemIsDark.value = matches;
});

/** Whether the pages are dark now: as chosen, or as the system says. */
export const isDark = computed(() => (theme.value === "auto" ? systemIsDark.value : theme.value === "dark"));
