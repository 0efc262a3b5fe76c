import { type ListenAddress, listenProblem, MillraceError } from "@millrace/base";

/** The server cannot listen at its address: the port is taken, or the address is not of this machine. */
export class CannotListenError extends MillraceError {
  readonly code = "CANNOT_LISTEN";
  readonly host: string;
  readonly port: number;
  constructor(address: ListenAddress, cause: unknown) {
    super(`The dashboard cannot listen: ${listenProblem(address, cause)}.`, { cause });
    this.host = address.host;
    this.port = address.port;
  }
}
