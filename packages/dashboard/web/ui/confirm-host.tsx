import { useEffect } from "preact/hooks";
import { path } from "../route/location.ts";
import { openQuestion } from "../state/confirm.ts";
import { Dialog, DialogButtons } from "./dialog.tsx";

/** Shows the question that `askConfirm` asks. Stands once in the frame. */
export function ConfirmHost() {
  const question = openQuestion.value;
  const here = path.value;
  // Going to another page answers no: the question was about the page before.
  useEffect(() => openQuestion.peek()?.answer(false), [here]);
  if (question === null) return null;
  const { title, body, action, danger = false, answer } = question;
  return (
    <Dialog key={title} title={title} onClose={() => answer(false)}>
      {body === undefined ? null : <div class="dialog-body">{body}</div>}
      <DialogButtons>
        <button type="button" class="button" onClick={() => answer(false)}>
          Keep as it is
        </button>
        <button
          type="button"
          class={danger ? "button danger" : "button primary"}
          onClick={() => answer(true)}
        >
          {action}
        </button>
      </DialogButtons>
    </Dialog>
  );
}
