import { useEffect, useState } from "preact/hooks";

/** A text, once nobody has changed it for `delayMs`; the earlier text until then. Saves a request for each key. */
export function useDebounced(text: string, delayMs: number): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), delayMs);
    return () => clearTimeout(timer);
  }, [text, delayMs]);
  return settled;
}
