import { type ListenAddress, listenProblem, MillraceError } from "@millrace/base";

/** The server of a monitor cannot listen: the port is taken, or the address is not of this machine. */
export class MonitorCannotListenError extends MillraceError {
  readonly code = "CANNOT_LISTEN";
  readonly host: string;
  readonly port: number;
  constructor(address: ListenAddress, cause: unknown) {
    super(`The server of health and metrics cannot listen: ${listenProblem(address, cause)}.`, { cause });
    this.host = address.host;
    this.port = address.port;
  }
}
