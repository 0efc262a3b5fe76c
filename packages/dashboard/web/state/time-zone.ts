import { computed } from "@preact/signals";
import { isTimeZone } from "../text/zoned-time.ts";
import { storedSignal } from "./stored-signal.ts";

/** The zone of this browser. */
export const localZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The chosen zone: `UTC`, `local`, or a name such as `Europe/Berlin`. */
export const chosenZone = storedSignal<string>("time-zone", {
  otherwise: "local",
  isValid: (text): text is string => text === "local" || isTimeZone(text),
});

/** The name of the zone in which instants are shown. */
export const zone = computed(() => (chosenZone.value === "local" ? localZone : chosenZone.value));

/** The names of all zones that this browser knows. */
export function zoneNames(): string[] {
  return Intl.supportedValuesOf("timeZone");
}
