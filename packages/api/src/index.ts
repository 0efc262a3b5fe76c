export type { ApiOptions } from "./api-options.ts";
export { ACTIONS, type Action } from "./contract/session.ts";
export { type Api, createApi } from "./create-api.ts";
export type { Access, Authorize } from "./security/access.ts";
export {
  type TokenAuthorize,
  type TokenAuthorizeOptions,
  tokenAuthorize,
} from "./security/token-authorize.ts";
export {
  createWatchToken,
  WATCH_FIELDS,
  type WatchField,
  type WatchTokenOptions,
} from "./watch/watch-token.ts";
