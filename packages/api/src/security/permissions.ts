import type { Action } from "../contract/session.ts";

/**
 * What a route asks of the sender of a request:
 * - `public`: nothing.
 * - `read`: any access.
 * - `watch`: the route itself decides: a watch token, or any access.
 * - `undo`: the action of the command that is to be undone.
 * - an action: this action.
 */
export type Permission = "public" | "read" | "watch" | "undo" | Action;

/** Every route of the API, and what it asks for. A route that is not here cannot be defined. */
export const PERMISSIONS = {
  "GET /openapi.json": "read",
  "GET /session": "read",
  "POST /session/login": "public",
  "DELETE /session": "public",
  "GET /jobs": "read",
  "GET /jobs/count": "read",
  "GET /jobs/failures": "read",
  "GET /jobs/{id}": "read",
  "GET /jobs/{id}/explanation": "read",
  "POST /jobs": "jobs.enqueue",
  "POST /jobs/{id}/duplicate": "jobs.enqueue",
  "POST /jobs/{id}/cancel": "jobs.cancel",
  "POST /jobs/{id}/retry": "jobs.retry",
  "POST /jobs/{id}/run-now": "jobs.run-now",
  "PATCH /jobs/{id}": "jobs.change",
  "DELETE /jobs/{id}": "jobs.delete",
  "POST /bulk/retry": "jobs.retry",
  "POST /bulk/run-now": "jobs.run-now",
  "POST /bulk/cancel": "jobs.cancel",
  "POST /bulk/delete": "jobs.delete",
  "POST /jobs/{id}/watch-token": "jobs.watch",
  "GET /jobs/{id}/events": "watch",
  "GET /queues": "read",
  "POST /queues/{name}/pause": "queues.pause",
  "POST /queues/{name}/resume": "queues.pause",
  "PUT /queues/{name}/settings": "queues.change",
  "GET /schedules": "read",
  "GET /schedules/{name}": "read",
  "GET /schedules/{name}/ticks": "read",
  "POST /schedules": "schedules.create",
  "PATCH /schedules/{name}": "schedules.change",
  "DELETE /schedules/{name}": "schedules.delete",
  "POST /schedules/{name}/enable": "schedules.change",
  "POST /schedules/{name}/disable": "schedules.change",
  "POST /schedules/{name}/run-now": "schedules.run-now",
  "POST /schedules/preview": "read",
  "GET /workers": "read",
  "GET /stats/overview": "read",
  "GET /stats/history": "read",
  "GET /stats/snapshot-holders": "read",
  "GET /events": "read",
  "GET /audit": "read",
  "POST /audit/{commandId}/undo": "undo",
} as const satisfies Record<string, Permission>;

/** A method and a path, as in the table above. */
export type RouteName = keyof typeof PERMISSIONS;
