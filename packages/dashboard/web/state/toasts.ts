import { signal } from "@preact/signals";

/** A message that stands at the edge of the page. */
export interface Toast {
  id: number;
  text: string;
  /** An alert says that something failed. */
  kind: "note" | "alert";
  /** A toast with an undo stays until somebody closes it, or until the command can no longer be undone. */
  commandId: string | null;
  /** A link to what the message tells of, or null. */
  link: ToastLink | null;
}

/** A link in a message: its text, and its path within the dashboard. */
export interface ToastLink {
  text: string;
  path: string;
}

/** How long a command can be undone. */
const UNDO_MS = 10 * 60_000;

/** How long a message without an undo stays. */
const NOTE_MS = 6_000;

/** How many messages are kept: the oldest ones go first. */
const TOASTS_MAX = 5;

let lastId = 0;

/** The messages, the latest last. */
export const toasts = signal<readonly Toast[]>([]);

/** Shows a message. With `commandId`, it offers the undo of that command. */
export function showToast(
  text: string,
  { kind = "note", commandId = null, link = null }: Partial<Pick<Toast, "kind" | "commandId" | "link">> = {},
): void {
  const id = ++lastId;
  toasts.value = [...toasts.value, { id, text, kind, commandId, link }].slice(-TOASTS_MAX);
  if (commandId !== null) setTimeout(() => closeToast(id), UNDO_MS);
  else if (kind === "note") setTimeout(() => closeToast(id), NOTE_MS);
}

/** Takes a message away. */
export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}
