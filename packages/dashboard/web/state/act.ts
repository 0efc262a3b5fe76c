import { signal } from "@preact/signals";
import { figureText } from "../text/count-text.ts";
import { client } from "./client.ts";
import { problemOf } from "./problem.ts";
import { showToast, type ToastLink } from "./toasts.ts";

/** Grows with each change made here. Pages read again when it changes. */
export const changes = signal(0);

/**
 * Makes a change, and tells what became of it: `done` as a message with an undo where the server offers one, or why it
 * failed. `link` leads to what was made. Returns the answer, or null after a failure.
 */
export async function act<Answer>(
  change: () => Promise<Answer>,
  done: string | ((answer: Answer) => string),
  link: (answer: Answer) => ToastLink | null = () => null,
): Promise<{ answer: Answer } | null> {
  try {
    const answer = await change();
    const text = typeof done === "string" ? done : done(answer);
    showToast(text, { commandId: commandIdOf(answer), link: link(answer) });
    changes.value++;
    return { answer };
  } catch (error) {
    showToast(problemOf(error).detail, { kind: "alert" });
    return null;
  }
}

/** The id of the command that an answer tells of; null for one that cannot be undone. */
function commandIdOf(answer: unknown): string | null {
  if (typeof answer !== "object" || answer === null || !("commandId" in answer)) return null;
  return typeof answer.commandId === "string" ? answer.commandId : null;
}

/** Undoes a command, and tells how much came back. */
export async function undo(commandId: string): Promise<boolean> {
  const result = await act(
    () => client.audit.undo(commandId).then(({ restored, left }) => ({ restored, left, commandId: null })),
    ({ restored, left }) => {
      const rest = left === 0 ? "" : `, and ${figureText(left)} had moved on`;
      return `Undone: ${figureText(restored)} as before${rest}`;
    },
  );
  return result !== null;
}
