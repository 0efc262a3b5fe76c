import { client } from "../../state/client.ts";
import { session } from "../../state/session.ts";
import { LOOKED_AT, latestCommand } from "./latest-command.ts";

/**
 * Finds the command that was just given here, for its undo: the API answers some changes without the command's id. Null
 * where there is none, or where the audit log could not be read: the change itself was made.
 */
export async function findCommand(action: string, target: string): Promise<string | null> {
  try {
    const page = await client.audit.list({ limit: LOOKED_AT });
    return latestCommand(page, { action, target, who: session.peek()?.who ?? null });
  } catch {
    // Only the undo in the message is lost: the Audit page has the undo as well.
    return null;
  }
}
