import { MillraceError } from "@millrace/queue";

/** A refresh of a view failed, and may be tried again. The view has its old contents. */
export class ViewRefreshError extends MillraceError {
  readonly code = "VIEW_REFRESH";
  /** The code of PostgreSQL's error; undefined for an error of the connection. */
  readonly sqlState: string | undefined;
  constructor(message: string, options: ErrorOptions & { sqlState: string | undefined }) {
    super(message, options);
    this.sqlState = options.sqlState;
  }
}
