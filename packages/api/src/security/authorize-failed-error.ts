import { MillraceError } from "@millrace/base";

/** The option `authorize` threw, or returned no access. The request is answered with 500, and nothing was done. */
export class AuthorizeFailedError extends MillraceError {
  readonly code = "AUTHORIZE_FAILED";
  constructor(cause: unknown) {
    super("`authorize` threw an error, or returned what is no access. Nothing was done.", { cause });
  }
}
