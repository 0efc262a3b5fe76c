import type { QueueRow } from "@millrace/api/client";

/** The columns by which queues can be ordered. */
export type QueueColumn = "queue" | "queued" | "due" | "running" | "oldestDueMs";

/** An order of the list of queues. */
export interface QueueOrder {
  by: QueueColumn;
  descending: boolean;
}

/**
 * The queues whose names contain a text, whatever its case, in an order. Queues that are equal stand by their names.
 */
export function shownQueues(
  queues: readonly QueueRow[],
  text: string,
  { by, descending }: QueueOrder,
): QueueRow[] {
  const wanted = text.trim().toLowerCase();
  const sign = descending ? -1 : 1;
  return queues
    .filter(({ queue }) => queue.toLowerCase().includes(wanted))
    .toSorted((a, b) => sign * compare(figureOf(a, by), figureOf(b, by)) || compare(a.queue, b.queue));
}

/** The order after a click on a column: figures begin with the largest, names with the first. */
export function nextOrder(order: QueueOrder, by: QueueColumn): QueueOrder {
  return order.by === by ? { by, descending: !order.descending } : { by, descending: by !== "queue" };
}

function figureOf(row: QueueRow, by: QueueColumn): number | string {
  switch (by) {
    case "queue":
      return row.queue;
    case "queued":
      return row.queued.count;
    case "due":
      return row.due.count;
    case "running":
      return row.running;
    case "oldestDueMs":
      return row.oldestDueMs ?? -1;
    default:
      return by satisfies never;
  }
}

const compare = (a: number | string, b: number | string) => (a < b ? -1 : a > b ? 1 : 0);
