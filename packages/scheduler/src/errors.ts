import { MillraceError } from "@millrace/base";

/** Every error of the scheduler's own. An option out of range is an `InvalidOptionError`, as the queue's. */
export abstract class SchedulerError extends MillraceError {}

/** The field of a cron expression that is wrong; `expression` when no single field is. */
export type CronField = "expression" | "second" | "minute" | "hour" | "dayOfMonth" | "month" | "dayOfWeek";

/** What is wrong with a cron expression, and one that is right. */
export interface CronProblem {
  field: CronField;
  reason: string;
  example: string;
}

/** A cron expression is malformed, or names a time that never comes; nothing was written. */
export class InvalidCronError extends SchedulerError {
  readonly code = "INVALID_CRON";
  readonly expression: string;
  readonly field: CronField;
  readonly reason: string;
  /** A valid expression of the kind that was meant. */
  readonly example: string;
  constructor(expression: string, { field, reason, example }: CronProblem, options?: ErrorOptions) {
    super(
      `Invalid cron expression ${shown(expression)}: ${field}: ${reason}. For example: ${example}`,
      options,
    );
    this.expression = expression;
    this.field = field;
    this.reason = reason;
    this.example = example;
  }
}

/** A time zone is not one of the IANA database; nothing was written. */
export class UnknownTimeZoneError extends SchedulerError {
  readonly code = "UNKNOWN_TIME_ZONE";
  readonly field = "timezone";
  readonly timezone: string;
  readonly reason: string;
  readonly example = "Europe/Berlin";
  constructor(timezone: string, reason: string, options?: ErrorOptions) {
    super(`Unknown time zone ${shown(timezone)}: ${reason}. For example: Europe/Berlin`, options);
    this.timezone = timezone;
    this.reason = reason;
  }
}

/** What is wrong with a field of a schedule, and a value that is right. */
export interface ScheduleProblem {
  reason: string;
  example: string;
}

/** A field of a schedule, other than its expression and zone, cannot be used; nothing was written. */
export class InvalidScheduleError extends SchedulerError {
  readonly code = "INVALID_SCHEDULE";
  readonly field: string;
  readonly reason: string;
  /** A value that the field takes, or where to find one. */
  readonly example: string;
  constructor(field: string, { reason, example }: ScheduleProblem, options?: ErrorOptions) {
    const end = /[.?]$/.test(reason) ? "" : ".";
    super(`Invalid schedule: \`${field}\` ${reason}${end} For example: ${example}`, options);
    this.field = field;
    this.reason = reason;
    this.example = example;
  }
}

/** Another schedule has this name; nothing was written. */
export class ScheduleNameTakenError extends SchedulerError {
  readonly code = "SCHEDULE_NAME_TAKEN";
  readonly field = "name";
  readonly scheduleName: string;
  readonly reason = "another schedule has it; update that one, or choose another name";
  readonly example: string;
  constructor(scheduleName: string, options?: ErrorOptions) {
    const example = `${[...scheduleName].slice(0, 98).join("")}-2`;
    super(
      `A schedule named ${shown(scheduleName)} exists already; update it, or choose another name. ` +
        `For example: ${example}`,
      options,
    );
    this.scheduleName = scheduleName;
    this.example = example;
  }
}

/** No schedule has this name or id. */
export class ScheduleNotFoundError extends SchedulerError {
  readonly code = "SCHEDULE_NOT_FOUND";
  readonly nameOrId: string;
  constructor(nameOrId: string) {
    super(`No schedule has the name or id ${shown(nameOrId)}; list the schedules to see those there are.`);
    this.nameOrId = nameOrId;
  }
}

function shown(text: unknown): string {
  const json = JSON.stringify(text) ?? String(text);
  return json.length > 120 ? `${json.slice(0, 117)}..."` : json;
}
