import { MillraceError, reasonOf } from "@millrace/base";

/** The server cannot listen at its address: the port is taken, or the address is not of this machine. */
export class CannotListenError extends MillraceError {
  readonly code = "CANNOT_LISTEN";
  readonly host: string;
  readonly port: number;
  constructor({ host, port }: { host: string; port: number }, cause: unknown) {
    const reason = isPortTaken(cause)
      ? `port ${port} of ${host} is taken; choose another port`
      : reasonOf(cause);
    super(`The dashboard cannot listen: ${reason}.`, { cause });
    this.host = host;
    this.port = port;
  }
}

/** Whether a server could not listen because its port is taken. */
export function isPortTaken(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EADDRINUSE";
}
