import { randomUUID } from "node:crypto";
import {
  canBegin,
  checkFields,
  checkText,
  type Executor,
  executorOf,
  fieldNames,
  InvalidOptionError,
  inTransaction,
  type Queryable,
} from "@millrace/base";
import { checkInTransaction, type InTransaction, inTransactionOr } from "../job/in-transaction-option.ts";
import type { AuditedState, AuditOptions } from "./audit-entry.ts";
import { writeAudit } from "./audit-log.sql.ts";

/** What a step of a command changed. */
export interface AuditedChange {
  /** How many jobs, queues or schedules were changed. With 0, no row is written. */
  changed: number;
  /** What was changed, as it was before. */
  before: readonly AuditedState[];
}

/** One call of a command that changes something. */
export interface AuditedCommand {
  /** For reads between the steps. */
  readonly db: Executor;
  /** Whether the changes are recorded. Then a step commits later than its statements, also without `tx`. */
  readonly isRecorded: boolean;
  /**
   * Runs one step of the command. If changes are recorded, writes the row about the step in the same transaction as the
   * step: in `tx`, or in a transaction of the step alone. `changeOf` tells what the step changed.
   */
  step<Result>(
    work: (db: Executor) => Promise<Result>,
    changeOf: (result: Result) => AuditedChange,
    options?: InTransaction,
  ): Promise<Result>;
}

/** Records what commands change. */
export interface Auditor {
  /** For reads. */
  readonly db: Executor;
  /**
   * Begins a command. `argument` has the arguments, which are checked later. `oneRow`: all steps of the command share
   * one row, which has no `before`.
   */
  command(action: string, argument: object, how?: { oneRow: boolean }): AuditedCommand;
}

/** A row has at most so many jobs in `before`, and at most so many ids in `filter`. */
const BEFORE_MAX = 10_000;
const IDS_MAX = 100;

const FIELDS = fieldNames<AuditOptions>({ who: true, via: true });

/**
 * Creates an auditor for a database. Without `audit`, its commands record nothing. Throws `InvalidOptionError` for bad
 * options, and for a database on which no transaction can be begun.
 */
export function createAuditor(db: Queryable, audit: AuditOptions | undefined): Auditor {
  const own = executorOf(db);
  if (audit === undefined) {
    const unrecorded: AuditedCommand = {
      db: own,
      isRecorded: false,
      step: (work, _changeOf, options = {}) => inTransactionOr(own, options, work),
    };
    return { db: own, command: () => unrecorded };
  }
  checkAudit(db, audit);
  return {
    db: own,
    command: (action, argument, { oneRow } = { oneRow: false }) => {
      const record = { ...audit, action, argument, oneRow, commandId: randomUUID() };
      return new RecordedCommand(db, record);
    },
  };
}

function checkAudit(db: Queryable, audit: AuditOptions): void {
  checkFields("audit", audit, FIELDS);
  checkText("audit.who", audit.who, 200);
  checkText("audit.via", audit.via, 200);
  if (canBegin(db)) return;
  const message =
    "`audit` needs a database on which transactions can be begun: a pg pool or a Drizzle database.";
  throw new InvalidOptionError("audit", { message });
}

interface Recording extends AuditOptions {
  commandId: string;
  action: string;
  argument: object;
  oneRow: boolean;
}

class RecordedCommand implements AuditedCommand {
  readonly db: Executor;
  readonly isRecorded = true;
  readonly #database: Queryable;
  readonly #recording: Recording;
  /** The row that all steps share; null until it is written. */
  #row: string | null = null;

  constructor(db: Queryable, recording: Recording) {
    this.db = executorOf(db);
    this.#database = db;
    this.#recording = recording;
  }

  async step<Result>(
    work: (db: Executor) => Promise<Result>,
    changeOf: (result: Result) => AuditedChange,
    options: InTransaction = {},
  ): Promise<Result> {
    checkInTransaction(options);
    let row: string | null = null;
    const recorded = async (db: Executor): Promise<Result> => {
      const result = await work(db);
      const change = changeOf(result);
      if (change.changed > 0) row = await this.#write(db, change);
      return result;
    };
    const result =
      options.tx === undefined
        ? await inTransaction(this.#database, recorded)
        : await inTransactionOr(this.db, options, recorded);
    // Only a committed row can be added to.
    if (this.#recording.oneRow) this.#row ??= row;
    return result;
  }

  #write(db: Executor, { changed, before }: AuditedChange): Promise<string | null> {
    const { who, via, commandId, action, argument, oneRow } = this.#recording;
    return writeAudit(db, {
      id: this.#row,
      commandId,
      who,
      via,
      action,
      filter: argumentText(argument),
      changed,
      before: oneRow ? [] : before.slice(0, BEFORE_MAX),
    });
  }
}

/** The arguments of a command as JSON text. Every row of a command has them, so a long list of ids is cut. */
function argumentText(argument: object): string {
  if (!("ids" in argument) || !Array.isArray(argument.ids) || argument.ids.length <= IDS_MAX) {
    return JSON.stringify(argument);
  }
  const { ids } = argument;
  return JSON.stringify({ ...argument, ids: ids.slice(0, IDS_MAX), idCount: ids.length });
}
