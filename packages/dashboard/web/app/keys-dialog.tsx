import { keyBindings } from "../keyboard/bindings.ts";
import type { KeyBinding } from "../keyboard/key-sequence.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Shows all keys that do something on this page. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const groups = Map.groupBy([...latestOfEach(keyBindings.value), ...NATIVE], ({ group }) => group);
  return (
    <Dialog title="Keyboard" onClose={onClose} wide>
      <div class="dialog-body keys">
        {[...groups].map(([group, bindings]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl class="key-list">
              {bindings.map(({ keys, label }) => (
                <div key={keys}>
                  <dt>
                    {keys.split(" ").map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

/** Keys of the browser that people look for here. */
const NATIVE: readonly Pick<KeyBinding, "keys" | "label" | "group">[] = [
  { keys: "Enter", label: "Open the row", group: "Lists" },
  { keys: "Esc", label: "Close a dialog", group: "Everywhere" },
];

/** One binding for each sequence of keys: the last one added is the one that runs. */
function latestOfEach(bindings: readonly KeyBinding[]): KeyBinding[] {
  return [...new Map(bindings.map((binding) => [binding.keys, binding])).values()];
}
