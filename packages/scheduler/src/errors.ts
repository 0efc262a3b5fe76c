import { MillraceError } from "@millrace/base";

/**
 * The base class of the scheduler's errors. A bad option throws `InvalidOptionError`, which is not a `SchedulerError`.
 */
export abstract class SchedulerError extends MillraceError {}

/** The wrong field of a cron expression; `expression` when no single field is wrong. */
export type CronField = "expression" | "second" | "minute" | "hour" | "dayOfMonth" | "month" | "dayOfWeek";

/** The problem of a cron expression, with a valid example. */
export interface CronProblem {
  field: CronField;
  reason: string;
  example: string;
}

/** A cron expression is malformed, or its time never comes. Nothing was written. */
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

/** The IANA database has no such time zone. Nothing was written. */
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

/** The problem of a field of a schedule, with a valid example. */
export interface ScheduleProblem {
  reason: string;
  example: string;
}

/**
 * A field of a schedule has a value that cannot be used. Nothing was written. A bad expression throws
 * `InvalidCronError`, and a bad zone `UnknownTimeZoneError`.
 */
export class InvalidScheduleError extends SchedulerError {
  readonly code = "INVALID_SCHEDULE";
  readonly field: string;
  readonly reason: string;
  /** A valid value, or words on where to find one. */
  readonly example: string;
  constructor(field: string, { reason, example }: ScheduleProblem, options?: ErrorOptions) {
    const end = /[.?]$/.test(reason) ? "" : ".";
    super(`Invalid schedule: \`${field}\` ${reason}${end} For example: ${example}`, options);
    this.field = field;
    this.reason = reason;
    this.example = example;
  }
}

/** Another schedule has this name. Nothing was written. */
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
