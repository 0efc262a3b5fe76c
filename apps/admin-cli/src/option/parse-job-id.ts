import { isUuid } from "@millrace/base";
import { InvalidArgumentError } from "commander";

/** Parses a job id and returns the id in lower case. Throws `InvalidArgumentError` when the text is no UUID. */
export function parseJobId(text: string): string {
  if (isUuid(text)) return text.toLowerCase();
  throw new InvalidArgumentError("Expected a job id, a UUID such as 0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f.");
}
