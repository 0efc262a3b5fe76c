import { useEffect, useRef, useState } from "preact/hooks";
import { isLive } from "../state/live.ts";

/**
 * Follows an event stream while the pages are live. Each message is parsed and handed to `onMessage`. Returns whether
 * the stream is open: while it is not, show what was last known as old. `url` null follows nothing.
 */
export function useEvents<Message>(url: string | null, onMessage: (message: Message) => void): boolean {
  const [open, setOpen] = useState(false);
  const latest = useRef(onMessage);
  latest.current = onMessage;
  const live = isLive.value;

  useEffect(() => {
    if (url === null || !live) return;
    const source = new EventSource(url, { withCredentials: true });
    source.onopen = () => setOpen(true);
    source.onerror = () => setOpen(false);
    // The cast is safe: the server sends what the contract says.
    source.onmessage = ({ data }) => latest.current(JSON.parse(String(data)) as Message);
    // After its last event the server ends the stream. A browser would connect again without end.
    source.addEventListener("end", () => {
      source.close();
      setOpen(false);
    });
    return () => {
      source.close();
      setOpen(false);
    };
  }, [url, live]);

  return open;
}
