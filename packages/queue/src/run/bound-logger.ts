import type { TaskLogger } from "../task/task-context.ts";

/** A logger that adds these fields to every line. If the logger can make children, as pino can, this is a child. */
export function boundLogger(logger: TaskLogger, fields: Record<string, unknown>): TaskLogger {
  if (logger.child !== undefined) return logger.child(fields);
  // To spread an error would lose its message and stack.
  const withFields = (more: object) => ({ ...fields, ...(more instanceof Error ? { err: more } : more) });
  return {
    debug: (more, message) => logger.debug(withFields(more), message),
    info: (more, message) => logger.info(withFields(more), message),
    warn: (more, message) => logger.warn(withFields(more), message),
    error: (more, message) => logger.error(withFields(more), message),
  };
}
