import { ACTION_OF_COMMAND } from "@millrace/api/client";
import type { Action } from "../../state/session.ts";

/**
 * Whether a session may undo a command, by the command's name in the library. If this page does not know the command,
 * the server alone decides.
 */
export function mayUndo(command: string, may: (action: Action) => boolean): boolean {
  const needed = ACTION_OF_COMMAND[command];
  return needed === undefined || may(needed);
}
