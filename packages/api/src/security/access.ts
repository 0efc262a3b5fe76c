import { checkFields, checkText, InvalidOptionError } from "@millrace/base";
import { ACTIONS, type Action } from "../contract/session.ts";

/**
 * What the sender of a request may do:
 * - `null`: nothing; the answer is 401.
 * - `"read"`: read everything, and change nothing.
 * - `"all"`: everything.
 * - `{ actions, who }`: read everything, and do these actions. `who` is the name in the audit log.
 */
export type Access = null | "read" | "all" | { actions: readonly Action[]; who?: string };

/** Decides what the sender of a request may do. Must not read the request's body. */
export type Authorize = (request: Request) => Access | Promise<Access>;

/** A checked access. */
export interface Granted {
  /** The name for the audit log; null if `authorize` gave none. */
  who: string | null;
  actions: ReadonlySet<Action>;
}

/** The access of a request to a route that asks for none. */
export const NO_ACTIONS: Granted = { who: null, actions: new Set() };

/** Checks an access. Throws `InvalidOptionError` for anything that is no access: an error must open nothing. */
export function grantedOf(access: unknown): Granted | null {
  if (access === null) return null;
  if (access === "read") return NO_ACTIONS;
  if (access === "all") return { who: null, actions: new Set(ACTIONS) };
  checkFields("access", access, ["actions", "who"]);
  // The cast is safe: the value is an object, and each field is checked below.
  const { actions, who } = access as { actions?: unknown; who?: unknown };
  if (!Array.isArray(actions)) throw new InvalidOptionError("access.actions", "an array of actions", actions);
  return {
    who: who === undefined ? null : checkText("access.who", who, 200),
    actions: new Set(actions.map(actionOf)),
  };
}

function actionOf(value: unknown): Action {
  const action = ACTIONS.find((each) => each === value);
  if (action === undefined) throw new InvalidOptionError("access.actions", `of ${ACTIONS.join(", ")}`, value);
  return action;
}
