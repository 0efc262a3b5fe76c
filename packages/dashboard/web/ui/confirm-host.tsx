import { openQuestion } from "../state/confirm.ts";
import { Dialog, DialogButtons } from "./dialog.tsx";

/** Shows the question that `askConfirm` asks. Stands once in the frame. */
export function ConfirmHost() {
  const question = openQuestion.value;
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
