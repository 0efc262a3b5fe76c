import type { WorkerRow } from "@millrace/api/client";
import "./workers.css";
import { useLoad } from "../../data/use-load.ts";
import { href, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { countText, figureText } from "../../text/count-text.ts";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { WorkerCard } from "./worker-card.tsx";
import { orderedWorkers } from "./worker-standing.ts";

/** How often the list is read again while the pages are live. */
const EVERY_MS = 3_000;

/** The workers: what each claims from, what it runs, and how it has done. `?id=` shows one worker alone. */
export function WorkersPage() {
  const workers = useLoad(() => client.workers.list(), "workers", { everyMs: EVERY_MS });
  const wanted = query.value.get("id");
  return (
    <>
      <PageHead title="Workers" name="Workers" />
      <LoadView loaded={workers}>
        {(list) => <WorkerList workers={orderedWorkers(list.workers)} wanted={wanted} />}
      </LoadView>
    </>
  );
}

function WorkerList({ workers, wanted }: { workers: readonly WorkerRow[]; wanted: string | null }) {
  if (wanted !== null) return <OneWorker worker={workers.find(({ id }) => id === wanted)} id={wanted} />;
  if (workers.length === 0) {
    return (
      <Empty title="No worker was seen">
        Start one with <code>createWorker</code>, or with the program <code>millrace-worker</code>.
      </Empty>
    );
  }
  const living = workers.filter(({ alive }) => alive);
  return (
    <>
      <p class="quiet">
        {countText(living.length, "living worker")}, {runningText(living)}
      </p>
      <div class="worker-list">
        {workers.map((worker) => (
          <WorkerCard key={worker.id} worker={worker} />
        ))}
      </div>
    </>
  );
}

function OneWorker({ worker, id }: { worker: WorkerRow | undefined; id: string }) {
  return (
    <>
      <p class="quiet">
        Only this worker is shown. <a href={href("/workers")}>Show all workers</a>
      </p>
      {worker === undefined ? (
        <Empty title="This worker is gone">
          No worker with the id <code>{id}</code> was seen lately, and none with this id holds a job.
        </Empty>
      ) : (
        <WorkerCard worker={worker} />
      )}
    </>
  );
}

function runningText(workers: readonly WorkerRow[]): string {
  const running = workers.reduce((sum, worker) => sum + worker.running, 0);
  const slots = workers.reduce((sum, { concurrency }) => sum + (concurrency ?? 0), 0);
  return `${figureText(running)} of ${countText(slots, "slot")} taken`;
}
