import type { BulkAction, BulkFilter, Problem } from "@millrace/api/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { changes } from "../state/act.ts";
import { client } from "../state/client.ts";
import { problemOf } from "../state/problem.ts";
import { showToast } from "../state/toasts.ts";
import { bulkSummary, bulkTotal } from "./bulk-words.ts";
import { type BulkProgress, NOTHING_DONE, runBulk } from "./run-bulk.ts";

/** Where a command on many jobs stands. */
export interface BulkState {
  phase: "counting" | "counted" | "running" | "stopped" | "done";
  /** What the dry run found so far. */
  found: BulkProgress;
  /** What was done so far. */
  made: BulkProgress;
  problem: Problem | null;
}

/** What can be done with a command. */
export interface BulkControls {
  state: BulkState;
  /** Makes the change, or continues one that was stopped. */
  start: () => void;
  stop: () => void;
}

const BEGIN: BulkState = { phase: "counting", found: NOTHING_DONE, made: NOTHING_DONE, problem: null };

/**
 * Counts what a command would change, then makes the change when told to. When the component goes, a change stops after
 * the request under way. A message then tells what was done, with the undo of it.
 */
export function useBulk(action: BulkAction, filter: BulkFilter): BulkControls {
  const [state, setState] = useState<BulkState>(BEGIN);
  const stopped = useRef(false);
  const last = useRef(state);
  last.current = state;
  const patch = (part: Partial<BulkState>) => setState((before) => ({ ...before, ...part }));

  const shown = useRef(true);
  const run = async (dryRun: boolean) => {
    stopped.current = false;
    const part = dryRun ? "found" : "made";
    patch({ phase: dryRun ? "counting" : "running", problem: null });
    let progress = last.current[part];
    const onStep = (next: BulkProgress) => {
      progress = next;
      patch({ [part]: next });
      return !stopped.current;
    };
    const send = client.jobs.bulk.bind(null, action);
    try {
      progress = await runBulk(send, { filter, dryRun }, { onStep, from: progress });
      if (dryRun) patch({ phase: "counted" });
      else patch({ phase: progress.done ? "done" : "stopped" });
    } catch (error) {
      patch({ phase: dryRun ? "counted" : "stopped", problem: problemOf(error) });
    }
    // The request that was under way when the component went is told of, too.
    if (!dryRun && !shown.current) tell(action, progress);
  };

  useEffect(() => {
    run(true);
    return () => {
      shown.current = false;
      stopped.current = true;
      if (last.current.phase !== "running") tell(action, last.current.made);
    };
  }, []);
  return {
    state,
    start: () => {
      run(false);
    },
    stop: () => {
      stopped.current = true;
    },
  };
}

/** Tells what was done, and lets the pages read again. */
function tell(action: BulkAction, made: BulkProgress): void {
  if (bulkTotal(made) === 0) return;
  showToast(bulkSummary(action, made), { commandId: action === "delete" ? null : made.commandId });
  changes.value++;
}
