import type { TaskLogger } from "../task/task-context.ts";

/** A logger with these fields in every line: a child where the logger makes children, as pino does. */
export function boundLogger(logger: TaskLogger, fields: Record<string, unknown>): TaskLogger {
  if (logger.child !== undefined) return logger.child(fields);
  // The members of an error are not its own to spread.
  const withFields = (more: object) => ({ ...fields, ...(more instanceof Error ? { err: more } : more) });
  return {
    debug: (more, message) => logger.debug(withFields(more), message),
    info: (more, message) => logger.info(withFields(more), message),
    warn: (more, message) => logger.warn(withFields(more), message),
    error: (more, message) => logger.error(withFields(more), message),
  };
}
