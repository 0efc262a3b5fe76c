/** The JSON text that stands for a value that the server does not send. */
export const REDACTED = '"[redacted]"';
