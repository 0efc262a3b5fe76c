import type { BulkAction, BulkFilter, JobSelection } from "@millrace/api/client";
import type { BulkCommand } from "../../bulk/bulk-dialog.tsx";
import { BULK_WORDS } from "../../bulk/bulk-words.ts";
import { type Action, may } from "../../state/session.ts";
import { countText } from "../../text/count-text.ts";
import type { JobFilters } from "./job-filters.ts";
import type { Selection } from "./use-selection.ts";

/** Which permission each command needs, and in which states jobs must be for it. */
const COMMANDS: readonly { action: BulkAction; needs: Action; states: readonly string[] }[] = [
  { action: "retry", needs: "jobs.retry", states: ["completed", "failed", "canceled"] },
  { action: "run-now", needs: "jobs.run-now", states: ["queued"] },
  { action: "cancel", needs: "jobs.cancel", states: ["queued", "running"] },
  { action: "delete", needs: "jobs.delete", states: ["queued", "completed", "failed", "canceled"] },
];

/** Whether this session may run any command on many jobs. */
export const mayChangeMany = (): boolean => COMMANDS.some(({ needs }) => may(needs));

/** What can be done with the selected rows, or with all jobs that fit the filters. */
export function BulkBar({
  selection,
  filters,
  selectionNow,
  total,
  hasOthers,
  onCommand,
}: {
  selection: Selection;
  filters: JobFilters;
  /** The filters as the API takes them, as of now. */
  selectionNow: () => Partial<JobSelection>;
  total: string;
  /** Whether jobs fit that are not selected. */
  hasOthers: boolean;
  onCommand: (command: BulkCommand) => void;
}) {
  const { ids, all, selectAll, clear } = selection;
  const which = all ? "all jobs that fit the filters" : countText(ids.size, "selected job");
  const commandFor = (action: BulkAction): BulkCommand => ({
    action,
    which,
    filter: all ? filterOf(selectionNow()) : { ids: [...ids] },
  });
  return (
    <section class="bulk-bar" aria-label="Selected jobs">
      <strong role="status">{all ? `All ${total} that fit` : `${ids.size} selected`}</strong>
      {all || !hasOthers ? null : (
        <button type="button" class="link-button" onClick={selectAll}>
          Select all {total} that fit the filters
        </button>
      )}
      <span class="bulk-buttons">
        {COMMANDS.filter(
          ({ needs, states }) => may(needs) && (filters.state === "" || states.includes(filters.state)),
        ).map(({ action }) => (
          <button key={action} type="button" class="button" onClick={() => onCommand(commandFor(action))}>
            {BULK_WORDS[action].verb}
          </button>
        ))}
        <button type="button" class="button" onClick={clear}>
          Unselect
        </button>
      </span>
    </section>
  );
}

/** A command on all jobs has to say so. */
const filterOf = (selection: Partial<JobSelection>): BulkFilter =>
  Object.keys(selection).length === 0 ? { all: true } : selection;
