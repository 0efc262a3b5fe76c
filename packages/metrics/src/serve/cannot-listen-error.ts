import { MillraceError, reasonOf } from "@millrace/base";

/** The server of a monitor cannot listen: the port is taken, or the address is not of this machine. */
export class MonitorCannotListenError extends MillraceError {
  readonly code = "CANNOT_LISTEN";
  readonly host: string;
  readonly port: number;
  constructor({ host, port }: { host: string; port: number }, cause: unknown) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    const reason = isTaken ? `port ${port} of ${host} is taken; choose another port` : reasonOf(cause);
    super(`The server of health and metrics cannot listen: ${reason}.`, { cause });
    this.host = host;
    this.port = port;
  }
}
