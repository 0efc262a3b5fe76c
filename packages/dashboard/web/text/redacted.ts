/** The JSON text that stands for a value that the server does not send. */
export const REDACTED = '"[redacted]"';

/** The JSON text that stands for a payload or an output that the server may not read itself. */
export const HIDDEN = '"[hidden]"';
