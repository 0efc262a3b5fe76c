import type { AppEvent } from "../../app-event.ts";
import { SHOP_QUEUES, SHOP_SCHEDULES, SHOP_TYPE_WITHOUT_TASK } from "./shop-workload.ts";

/**
 * Whether an event is about the shop alone. The demo does not print such events: the shop is for the dashboard, and has
 * many of them.
 */
export function isShopEvent(event: AppEvent): boolean {
  if ("job" in event) return SHOP_QUEUES.includes(event.job.queue);
  if (event.kind === "no-task") return event.types.every((type) => type === SHOP_TYPE_WITHOUT_TASK);
  if (event.kind !== "scheduler" || event.event.kind !== "tick") return false;
  return SHOP_SCHEDULES.includes(event.event.scheduleName);
}
