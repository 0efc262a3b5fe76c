import { effect, type Signal, signal } from "@preact/signals";

/** A signal whose text is kept in this browser. A stored text that `isValid` refuses is not used. */
export function storedSignal<Text extends string>(
  name: string,
  { otherwise, isValid }: { otherwise: Text; isValid: (text: string) => text is Text },
): Signal<Text> {
  const key = `millrace.${name}`;
  const stored = readStored(key);
  const value = signal(stored !== null && isValid(stored) ? stored : otherwise);
  effect(() => {
    try {
      localStorage.setItem(key, value.value);
    } catch {
      // A browser that keeps nothing, such as one in private mode, only forgets the choice.
    }
  });
  return value;
}

function readStored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
