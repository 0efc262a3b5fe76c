import type { TaskLogger } from "../task/task-context.ts";

/** A logger with these fields in every line. A logger that makes children, such as pino, makes a child for them. */
export function boundLogger(logger: TaskLogger, fields: Record<string, unknown>): TaskLogger {
  if (logger.child !== undefined) return logger.child(fields);
  // The message and stack of an error would be lost when it is spread.
  const withFields = (more: object) => ({ ...fields, ...(more instanceof Error ? { err: more } : more) });
  return {
    debug: (more, message) => logger.debug(withFields(more), message),
    info: (more, message) => logger.info(withFields(more), message),
    warn: (more, message) => logger.warn(withFields(more), message),
    error: (more, message) => logger.error(withFields(more), message),
  };
}
