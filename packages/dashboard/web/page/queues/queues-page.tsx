import type { QueueRow } from "@millrace/api/client";
import "./queues.css";
import { useState } from "preact/hooks";
import { useLoad } from "../../data/use-load.ts";
import { useRowKeys } from "../../keyboard/row-keys.ts";
import { href, navigate, query } from "../../route/location.ts";
import { client } from "../../state/client.ts";
import { Empty, LoadView } from "../../ui/load-view.tsx";
import { PageHead } from "../../ui/page-head.tsx";
import { nextOrder, type QueueColumn, type QueueOrder, shownQueues } from "./queue-order.ts";
import { QueueTableRow } from "./queue-table-row.tsx";
import { SettingsDialog } from "./settings-dialog.tsx";

/** How often the list is read again while the pages are live. */
const EVERY_MS = 3_000;

/** The queues: their depth, what became of their jobs, who claims from them, and what they set. `?queue=` searches. */
export function QueuesPage() {
  const text = query.value.get("queue") ?? "";
  const queues = useLoad(() => client.queues.list(), "queues", { everyMs: EVERY_MS });
  const [edited, setEdited] = useState<QueueRow | null>(null);
  return (
    <>
      <PageHead title="Queues" name="Queues">
        <QueueSearch text={text} />
      </PageHead>
      <LoadView loaded={queues}>
        {(list) => <QueueTable queues={list.queues} text={text} onEdit={setEdited} />}
      </LoadView>
      {edited === null ? null : (
        <SettingsDialog key={edited.queue} row={edited} onClose={() => setEdited(null)} />
      )}
    </>
  );
}

function QueueSearch({ text }: { text: string }) {
  const search = (wanted: string) =>
    navigate(wanted === "" ? "/queues" : `/queues?${new URLSearchParams({ queue: wanted })}`, {
      replace: true,
    });
  return (
    <input
      class="input queue-search"
      type="search"
      aria-label="Find a queue"
      placeholder="Find a queue"
      data-filter
      value={text}
      onInput={({ currentTarget }) => search(currentTarget.value)}
    />
  );
}

function QueueTable({
  queues,
  text,
  onEdit,
}: {
  queues: readonly QueueRow[];
  text: string;
  onEdit: (row: QueueRow) => void;
}) {
  const [order, setOrder] = useState<QueueOrder>({ by: "queue", descending: false });
  const shown = shownQueues(queues, text, order);
  useRowKeys();
  if (queues.length === 0) {
    return (
      <Empty title="No queue has jobs">
        A queue is there as soon as a job is enqueued in it, or when it is paused or has settings.
      </Empty>
    );
  }
  if (shown.length === 0) {
    return (
      <Empty title={`No queue's name contains “${text}”`}>
        <a href={href("/queues")}>Show all queues</a>
      </Empty>
    );
  }
  return (
    <div class="table-scroll">
      <table class="table cards queue-table">
        <thead>
          <tr>
            {COLUMNS.map(({ by, label }) => (
              <SortedHead key={by} by={by} label={label} order={order} onOrder={setOrder} />
            ))}
            <th scope="col">Last hour</th>
            <th scope="col" class="number">
              Workers
            </th>
            <th scope="col">Settings</th>
            <th scope="col">
              <span class="off-screen">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody data-rows>
          {shown.map((row) => (
            <QueueTableRow key={row.queue} row={row} onEdit={() => onEdit(row)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const COLUMNS = [
  { by: "queue", label: "Queue" },
  { by: "queued", label: "Queued" },
  { by: "due", label: "Due" },
  { by: "running", label: "Running" },
  { by: "oldestDueMs", label: "Oldest due" },
] as const satisfies readonly { by: QueueColumn; label: string }[];

function SortedHead({
  by,
  label,
  order,
  onOrder,
}: {
  by: QueueColumn;
  label: string;
  order: QueueOrder;
  onOrder: (order: QueueOrder) => void;
}) {
  const sort = order.by !== by ? "none" : order.descending ? "descending" : "ascending";
  return (
    <th scope="col" aria-sort={sort} class={by === "queue" ? undefined : "number"}>
      <button type="button" class="sort-button" onClick={() => onOrder(nextOrder(order, by))}>
        <span class="sort-mark" aria-hidden="true">
          {sort === "none" ? "" : sort === "descending" ? "↓" : "↑"}
        </span>
        {label}
      </button>
    </th>
  );
}
