import { QueueError } from "../errors.ts";

/** Why a command cannot be undone. */
export type NotUndoableReason =
  /** No command in the audit log has this id. */
  | "unknown"
  /** The command began more than ten minutes ago. */
  | "too-late"
  /** The action has no undo, or another package has its undo. */
  | "no-undo"
  /** The command has been undone already. */
  | "already-undone";

/** A command cannot be undone; nothing was changed. */
export class NotUndoableError extends QueueError {
  readonly code = "NOT_UNDOABLE";
  readonly commandId: string;
  readonly reason: NotUndoableReason;
  constructor(commandId: string, reason: NotUndoableReason, because: string) {
    super(`Cannot undo command ${commandId}: ${because}`);
    this.commandId = commandId;
    this.reason = reason;
  }
}
