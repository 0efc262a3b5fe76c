import type { BulkAction, BulkFilter } from "@millrace/api/client";
import { useEffect } from "preact/hooks";
import { countText, figureText } from "../text/count-text.ts";
import { ProblemBanner } from "../ui/banner.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { BULK_WORDS, bulkSummary, bulkTotal } from "./bulk-words.ts";
import { type BulkControls, useBulk } from "./use-bulk.ts";

/** A command on many jobs, and which jobs. `which` names them: `all jobs that fit the filter`. */
export interface BulkCommand {
  action: BulkAction;
  filter: BulkFilter;
  which: string;
}

/** Counts what a command would change, asks, then shows how far the command is. */
export function BulkDialog({ command, onClose }: { command: BulkCommand; onClose: () => void }) {
  const { action, filter, which } = command;
  const controls = useBulk(action, filter);
  const { phase, problem } = controls.state;
  const { verb, effect, leaves } = BULK_WORDS[action];
  useEffect(() => {
    if (phase === "done") onClose();
  }, [phase]);
  const asks = phase === "counting" || phase === "counted";
  return (
    <Dialog title={`${verb}: ${which}`} onClose={onClose}>
      <div class="dialog-body">
        {problem === null ? null : <ProblemBanner problem={problem} />}
        {asks ? <Found controls={controls} /> : <Made action={action} controls={controls} />}
        {asks ? (
          <p>
            {effect} <span class="quiet">{leaves}</span>
          </p>
        ) : null}
      </div>
      <DialogButtons>
        <Buttons action={action} controls={controls} onClose={onClose} />
      </DialogButtons>
    </Dialog>
  );
}

/** What the dry run found. */
function Found({ controls }: { controls: BulkControls }) {
  const { phase, found } = controls.state;
  if (phase === "counting") {
    return (
      <p role="status">
        Counting… {bulkTotal(found) === 0 ? "" : `${countText(bulkTotal(found), "job")} so far.`}
      </p>
    );
  }
  const atLeast = found.done ? "" : "At least ";
  const running =
    found.cancelRequested > 0
      ? ` Of these, ${countText(found.cancelRequested, "job runs", "jobs run")} now.`
      : "";
  const locked =
    found.skipped > 0
      ? ` A transaction has locked ${countText(found.skipped, "more job", "more jobs")}.`
      : "";
  return (
    <p role="status">
      <strong>
        {atLeast}
        {countText(bulkTotal(found), "job")}
      </strong>
      .{running}
      {locked}
    </p>
  );
}

/** What the command has done so far. */
function Made({ action, controls }: { action: BulkAction; controls: BulkControls }) {
  const { phase, found, made } = controls.state;
  const total = Math.max(bulkTotal(found), bulkTotal(made));
  return (
    <>
      <progress
        class="wide-progress"
        max={Math.max(1, total)}
        value={bulkTotal(made)}
        aria-label="Progress"
      />
      <p role="status">
        {phase === "stopped" ? "Stopped: " : ""}
        {bulkSummary(action, made)}
        {found.done ? ` of ${figureText(total)}` : ""}.
      </p>
    </>
  );
}

function Buttons({
  action,
  controls,
  onClose,
}: {
  action: BulkAction;
  controls: BulkControls;
  onClose: () => void;
}) {
  const { state, start, stop } = controls;
  const { verb, doing, danger } = BULK_WORDS[action];
  const look = danger ? "button danger" : "button primary";
  const close = (
    <button type="button" class="button" onClick={onClose}>
      Close
    </button>
  );
  switch (state.phase) {
    case "counting":
      return (
        <>
          {close}
          <button type="button" class="button" onClick={stop}>
            Stop counting
          </button>
        </>
      );
    case "counted":
      return (
        <>
          {close}
          <button type="button" class={look} disabled={bulkTotal(state.found) === 0} onClick={start}>
            {verb} {state.found.done ? countText(bulkTotal(state.found), "job") : "all of them"}
          </button>
        </>
      );
    case "running":
      return (
        <button type="button" class="button" onClick={stop}>
          Stop {doing.toLowerCase()}
        </button>
      );
    case "stopped":
      return (
        <>
          {close}
          <button type="button" class={look} onClick={start}>
            Continue
          </button>
        </>
      );
    case "done":
      return close;
    default:
      return state.phase satisfies never;
  }
}
