import type { Attributes } from "@opentelemetry/api";

// The names are those of the OpenTelemetry conventions for messaging 1.45. What the conventions do not name stands
// below `messaging.millrace`.

export const DESTINATION = "messaging.destination.name";
export const MESSAGE_ID = "messaging.message.id";
export const BATCH_COUNT = "messaging.batch.message_count";
export const CLIENT_ID = "messaging.client.id";
export const ERROR_TYPE = "error.type";
export const JOB_TYPE = "messaging.millrace.job.type";
export const JOB_ATTEMPT = "messaging.millrace.job.attempt";
export const JOB_CRASHES = "messaging.millrace.job.crashes";
export const OUTCOME = "messaging.millrace.outcome";
export const SCHEDULE_ID = "messaging.millrace.schedule.id";
export const SCHEDULE_NAME = "messaging.millrace.schedule.name";
export const TICK_AT = "messaging.millrace.tick.at";

/** An operation: the name that Millrace has for it, and its type by the conventions. */
export interface Operation {
  name: string;
  type: "send" | "process";
}

export const ENQUEUE: Operation = { name: "enqueue", type: "send" };
export const TICK: Operation = { name: "tick", type: "send" };
export const PROCESS: Operation = { name: "process", type: "process" };

/** The attributes of an operation that spans and metrics have. */
export function operationAttributes({ name, type }: Operation): Attributes {
  return {
    "messaging.system": "millrace",
    "messaging.operation.name": name,
    "messaging.operation.type": type,
  };
}

/** The attributes of an operation on jobs of one queue and type. */
export function jobAttributes(
  operation: Operation,
  { queue, type }: { queue: string; type: string },
): Attributes {
  return { ...operationAttributes(operation), [DESTINATION]: queue, [JOB_TYPE]: type };
}
