import { MillraceError } from "../errors.ts";

/** A server that was tried, and why the server would not do. */
export interface TriedServer {
  /** Host and port, as in `db.example:5432`. */
  readonly server: string;
  readonly reason: string;
}

/**
 * None of the servers that a database URL names takes writes: each is away, or a standby, or read-only. `isTransient`
 * returns true, because a standby may be promoted at any moment.
 */
export class NoPrimaryError extends MillraceError {
  readonly code = "NO_PRIMARY";
  readonly tried: readonly TriedServer[];
  constructor(tried: readonly TriedServer[]) {
    const list = tried.map(({ server, reason }) => `${server}: ${reason}`).join("; ");
    super(`No server takes writes (${list}). Start the primary, or promote a standby.`);
    this.tried = tried;
  }
}
