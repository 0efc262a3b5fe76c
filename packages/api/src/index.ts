export { ACTIONS, type Action } from "./contract/session.ts";
