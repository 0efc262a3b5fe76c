import { isUuid } from "@millrace/base";
import { InvalidArgumentError } from "commander";

/** Parses the id of a command and returns it in lower case. Throws `InvalidArgumentError` when the text is no UUID. */
export function parseCommandId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new InvalidArgumentError(
    "Expected the id of a command, a UUID as `millrace audit list --json` has it.",
  );
}
