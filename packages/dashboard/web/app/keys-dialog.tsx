import { keyBindings } from "../keyboard/bindings.ts";
import type { KeyBinding } from "../keyboard/key-sequence.ts";
import { Dialog } from "../ui/dialog.tsx";

/** Shows all keys that do something on this page. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  const groups = Map.groupBy(latestOfEach(keyBindings.value), ({ group }) => group);
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
        <section>
          <h3>In lists</h3>
          <dl class="key-list">
            <div>
              <dt>
                <kbd>Enter</kbd>
              </dt>
              <dd>Open the row</dd>
            </div>
            <div>
              <dt>
                <kbd>Esc</kbd>
              </dt>
              <dd>Close a dialog</dd>
            </div>
          </dl>
        </section>
      </div>
    </Dialog>
  );
}

/** One binding for each sequence of keys: the last one added is the one that runs. */
function latestOfEach(bindings: readonly KeyBinding[]): KeyBinding[] {
  return [...new Map(bindings.map((binding) => [binding.keys, binding])).values()];
}
