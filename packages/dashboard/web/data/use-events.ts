import type { Problem } from "@millrace/api/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { isLive } from "../state/live.ts";

/** How an event stream stands. */
export interface Stream {
  /** Whether the stream is open: while it is not, show what was last known as old. */
  isOpen: boolean;
  /** Why the server has no newer message; null when it has. */
  problem: Problem | null;
}

/**
 * Follows an event stream while the pages are live. Each message is parsed and handed to `onMessage`. `url` null
 * follows nothing.
 */
export function useEvents<Message>(url: string | null, onMessage: (message: Message) => void): Stream {
  const [isOpen, setOpen] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const latest = useRef(onMessage);
  latest.current = onMessage;
  const live = isLive.value;

  useEffect(() => {
    if (url === null || !live) return;
    const source = new EventSource(url, { withCredentials: true });
    source.onopen = () => setOpen(true);
    source.onerror = () => setOpen(false);
    // The casts are safe: the server sends what the contract says.
    source.onmessage = ({ data }) => {
      setProblem(null);
      latest.current(JSON.parse(String(data)) as Message);
    };
    source.addEventListener("problem", ({ data }) => setProblem(JSON.parse(String(data)) as Problem));
    // After its last event the server ends the stream. A browser would connect again without end.
    source.addEventListener("end", () => {
      source.close();
      setOpen(false);
    });
    return () => {
      source.close();
      setOpen(false);
      setProblem(null);
    };
  }, [url, live]);

  return { isOpen, problem };
}
