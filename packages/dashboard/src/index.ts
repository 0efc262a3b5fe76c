export { ACTIONS, type Access, type Action, type Authorize, tokenAuthorize } from "@millrace/api";
export { createDashboard, type Dashboard, type DashboardOptions } from "./create-dashboard.ts";
export { DashboardNotBuiltError } from "./not-built-error.ts";
export { CannotListenError } from "./serve/cannot-listen-error.ts";
export { isLoopbackAddress, loopbackHostsOnly } from "./serve/loopback-hosts.ts";
export { type ServedDashboard, type ServeOptions, serveDashboard } from "./serve/serve-dashboard.ts";
export { type NodeHandler, toNodeHandler } from "./serve/to-node-handler.ts";
