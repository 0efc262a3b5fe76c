/** Says how to undo a bulk command, on a line of its own. Empty when the command has changed nothing. */
export function undoText(commandId: string | null): string {
  return commandId === null ? "" : `\nTo undo it within 10 minutes: millrace undo ${commandId}`;
}
