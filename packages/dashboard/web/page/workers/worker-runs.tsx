import type { WorkerRow } from "@millrace/api/client";
import { useState } from "preact/hooks";
import { JobLink } from "../../ui/links.tsx";
import { Elapsed, Time } from "../../ui/time.tsx";

/** How many runs are shown before the rest is folded. */
const RUNS_MAX = 5;

/** What a worker runs, the runs that began first at the top. */
export function WorkerRuns({ worker: { id, runs, running } }: { worker: WorkerRow }) {
  const [all, setAll] = useState(false);
  if (runs.length === 0) return null;
  const shown = all ? runs : runs.slice(0, RUNS_MAX);
  return (
    <div class="table-scroll">
      <table class="table worker-runs">
        <caption class="off-screen">What {id} runs</caption>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Type</th>
            <th scope="col" class="wide-only">
              Queue
            </th>
            <th scope="col" class="wide-only">
              Attempt
            </th>
            <th scope="col">Runs for</th>
            <th scope="col" class="wide-only">
              Lease ends
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((run) => (
            <RunRow key={run.id} run={run} />
          ))}
        </tbody>
      </table>
      <More shown={shown.length} listed={runs.length} running={running} onAll={() => setAll(true)} />
    </div>
  );
}

function RunRow({ run }: { run: WorkerRow["runs"][number] }) {
  return (
    <tr>
      <th scope="row">
        <JobLink id={run.id} />
      </th>
      <td>{run.type}</td>
      <td class="wide-only">{run.queue}</td>
      <td class="wide-only">{run.attempts}</td>
      <td>
        {run.lastRunAt === null ? "claimed, not begun" : <Elapsed since={run.lastRunAt} />}
        {run.cancelRequestedAt === null ? "" : " cancel requested"}
      </td>
      <td class="wide-only">
        <Time at={run.leaseUntil} />
      </td>
    </tr>
  );
}

/** The rest: listed runs can be shown, and of the others the API tells only how many there are. */
function More({
  shown,
  listed,
  running,
  onAll,
}: {
  shown: number;
  listed: number;
  running: number;
  onAll: () => void;
}) {
  if (shown < listed) {
    return (
      <button type="button" class="link-button" onClick={onAll}>
        {running - shown} more
      </button>
    );
  }
  return running > listed ? <p class="quiet">And {running - listed} more, claimed later.</p> : null;
}
