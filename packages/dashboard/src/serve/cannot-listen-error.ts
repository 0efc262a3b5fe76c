import { MillraceError, reasonOf } from "@millrace/base";

/** The server cannot listen at its address: the port is taken, or the address is not of this machine. */
export class CannotListenError extends MillraceError {
  readonly code = "CANNOT_LISTEN";
  readonly host: string;
  readonly port: number;
  constructor({ host, port }: { host: string; port: number }, cause: unknown) {
    const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const reason = taken ? `port ${port} of ${host} is taken; choose another port` : reasonOf(cause);
    super(`The dashboard cannot listen: ${reason}.`, { cause });
    this.host = host;
    this.port = port;
  }
}
