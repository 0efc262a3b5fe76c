/** A sequence of keys, such as `g j`, and what it does. */
export interface KeyBinding {
  /** The keys as `KeyboardEvent.key` names them, separated by a space. */
  keys: string;
  /** What the keys do, for the list of all keys. */
  label: string;
  /** Under which heading the list shows the keys. */
  group: string;
  run: () => void;
}

/** What a pressed key leads to: a binding to run, or keys that begin a sequence. */
export interface KeyStep {
  pending: readonly string[];
  binding: KeyBinding | null;
}

/**
 * Returns what a key does after the keys before it. The binding that was added last wins, so that a page may take a key
 * from the frame. A key that fits no sequence begins anew.
 */
export function stepKeys(pending: readonly string[], key: string, bindings: readonly KeyBinding[]): KeyStep {
  const pressed = [...pending, key].join(" ");
  const binding = bindings.findLast(({ keys }) => keys === pressed);
  if (binding !== undefined) return { pending: [], binding };
  if (bindings.some(({ keys }) => keys.startsWith(`${pressed} `))) {
    return { pending: [...pending, key], binding: null };
  }
  return pending.length === 0 ? { pending: [], binding: null } : stepKeys([], key, bindings);
}
