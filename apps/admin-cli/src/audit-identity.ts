import type { CommandIo } from "./command-io.ts";

/** Who gives a command, and which command it is, for the audit log. */
export interface AuditIdentity {
  readonly who: string;
  readonly via: string;
}

/** The audit log keeps so many characters of a name. */
const CHARACTERS_MAX = 200;

/**
 * Returns who gives a command: `--as`, else the variable MILLRACE_ACTOR, else the operating system's user. An empty
 * variable counts as not set.
 */
export function auditIdentity({
  as,
  env,
  osUser,
  command,
}: Pick<CommandIo, "env" | "osUser"> & { as: string | undefined; command: string }): AuditIdentity {
  const actor = env["MILLRACE_ACTOR"];
  const who = as ?? (actor === undefined || actor === "" ? (osUser() ?? "unknown") : actor);
  return { who: [...who].slice(0, CHARACTERS_MAX).join(""), via: command };
}
