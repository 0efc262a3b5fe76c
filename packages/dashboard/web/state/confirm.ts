import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** A question before a change. */
export interface Question {
  title: string;
  body?: ComponentChildren;
  /** The button that makes the change: a verb. */
  action: string;
  /** Whether the change takes something away for good. */
  danger?: boolean;
}

/** The question that is open now. */
export const openQuestion = signal<(Question & { answer: (yes: boolean) => void }) | null>(null);

/** Asks a question in a dialog. True when the user chose the action. A question that is open already is answered no. */
export function askConfirm(question: Question): Promise<boolean> {
  openQuestion.peek()?.answer(false);
  return new Promise((resolve) => {
    openQuestion.value = {
      ...question,
      answer: (yes) => {
        openQuestion.value = null;
        resolve(yes);
      },
    };
  });
}
