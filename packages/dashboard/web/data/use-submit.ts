import type { Problem } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { changes } from "../state/act.ts";
import { problemOf } from "../state/problem.ts";
import { showToast } from "../state/toasts.ts";

/** What a form knows of its own request. */
export interface Submission {
  saving: boolean;
  /** Why the last try failed. Forms show the problem where it is, and not at the edge of the page. */
  problem: Problem | null;
  /** Sends. True when the change was made: then the message `done` is shown, with an undo where there is one. */
  submit(change: () => Promise<{ commandId: string | null }>, done: string): Promise<boolean>;
}

/** Sends what stands in a form, once at a time. */
export function useSubmit(): Submission {
  const [saving, setSaving] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit: Submission["submit"] = async (change, done) => {
    setSaving(true);
    setProblem(null);
    try {
      const { commandId } = await change();
      showToast(done, { commandId });
      changes.value++;
      return true;
    } catch (error) {
      setProblem(problemOf(error));
      return false;
    } finally {
      setSaving(false);
    }
  };
  return { saving, problem, submit };
}
