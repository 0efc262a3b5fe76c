import { checkFields, InvalidOptionError } from "@millrace/base";

/** An option of commands that read jobs or schedules. */
export interface JsonOption {
  /**
   * Whether to read payloads, outputs and progresses. Default true. With false, they are null, and the database's role
   * needs no right to read them: `millrace_viewer` has none.
   */
  json?: boolean;
}

/** Returns whether a command is to read JSON. Throws `InvalidOptionError`. */
export function readsJson(options: JsonOption): boolean {
  checkFields("options", options, ["json"]);
  const { json = true } = options;
  if (typeof json === "boolean") return json;
  throw new InvalidOptionError("json", "true or false", json);
}
