import { client } from "../../state/client.ts";
import { session } from "../../state/session.ts";
import { LOOKED_AT, latestCommand } from "./latest-command.ts";

/**
 * Makes a change, and finds the command that made it, for its undo: the API answers some changes without the command's
 * id. `action` and `target` are the command's, as the audit log names them.
 */
export async function withCommand(
  change: () => Promise<unknown>,
  action: string,
  target: string,
): Promise<{ commandId: string | null }> {
  await change();
  return { commandId: await findCommand(action, target) };
}

/** Null where there is no such command, or where the audit log could not be read: the change itself was made. */
async function findCommand(action: string, target: string): Promise<string | null> {
  try {
    const page = await client.audit.list({ limit: LOOKED_AT });
    return latestCommand(page, { action, target, who: session.peek()?.who ?? null });
  } catch {
    // Only the undo in the message is lost: the Audit page has the undo as well.
    return null;
  }
}
