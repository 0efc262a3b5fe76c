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
import { QueueError } from "../errors.ts";
import { checkInTransaction, type InTransaction, inTransactionOr } from "../job/in-transaction-option.ts";
import type { AuditedState, AuditOptions } from "./audit-entry.ts";
import { holdCommand, writeAudit } from "./audit-log.sql.ts";
import { type UndoOptions, type UndoPasses, type UndoResult, undoCommand } from "./undo-command.ts";

/** What a step of a command changed. */
export interface AuditedChange {
  /** How many jobs, queues or schedules were changed. With 0, no row is written. */
  changed: number;
  /** What was changed, as it was before; or the JSON text of such an array, whose numbers are not rounded. */
  before: readonly AuditedState[] | string;
}

/** One call of a command that changes something. */
export interface AuditedCommand {
  /** For reads between the steps. */
  readonly db: Executor;
  /** Whether the changes are recorded. If so, a step commits after its last statement, also without `tx`. */
  readonly isRecorded: boolean;
  /** The id that the command's rows have; null while the command has no row. */
  readonly commandId: string | null;
  /**
   * Runs one step of the command. If changes are recorded, writes the row about the step in the same transaction as the
   * step: in `tx`, or in a transaction of the step alone. `changeOf` tells what the step changed. Throws
   * `CommandUndoneError` if the command has been undone since its last step; the step has changed nothing then.
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
  /** Begins a command. `argument` has the arguments, which are checked later. */
  command(action: string, argument: object, how?: CommandOptions): AuditedCommand;
  /**
   * Undoes a command, whose action must be one of `passes`. Throws `NotUndoableError`, and `InvalidOptionError` if
   * the auditor has no `audit`: an undo is recorded.
   */
  undo(commandId: string, passes: UndoPasses, options: UndoOptions): Promise<UndoResult>;
}

/** How a command is recorded. */
export interface CommandOptions {
  /** All steps of the command share one row, which has no `before`. Such a command cannot be undone. */
  oneRow?: boolean;
  /** The command that this one continues. */
  commandId?: string | undefined;
}

/**
 * How many ids a row has in `filter` at most. `before` needs no such limit: a step changes a bounded number of jobs.
 */
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
      commandId: null,
      step: (work, _changeOf, options = {}) => inTransactionOr(own, options, work),
    };
    return {
      db: own,
      command: () => unrecorded,
      undo: (commandId, passes, options) => undoCommand({ db, audit: null }, { commandId, passes, options }),
    };
  }
  checkAudit(db, audit);
  return {
    db: own,
    command: (action, argument, { oneRow = false, commandId } = {}) =>
      new RecordedCommand(db, { ...audit, action, argument, oneRow, continued: commandId }),
    undo: (commandId, passes, options) => undoCommand({ db, audit }, { commandId, passes, options }),
  };
}

/** Checks the option `audit`. Throws `InvalidOptionError`. */
export function checkAuditOptions(audit: AuditOptions): AuditOptions {
  checkFields("audit", audit, FIELDS);
  checkText("audit.who", audit.who, 200);
  checkText("audit.via", audit.via, 200);
  return audit;
}

/** Records a command of one step, in the transaction of its change. With a change of nothing, writes no row. */
export async function recordCommand(
  tx: Executor,
  audit: AuditOptions,
  { action, argument, changed, before }: AuditedChange & { action: string; argument: object },
): Promise<void> {
  if (changed === 0) return;
  const filter = argumentText(argument);
  await writeAudit(tx, { id: null, commandId: null, ...audit, action, filter, changed, before });
}

function checkAudit(db: Queryable, audit: AuditOptions): void {
  checkAuditOptions(audit);
  if (canBegin(db)) return;
  const message =
    "`audit` needs a database on which transactions can be begun: a pg pool or a Drizzle database.";
  throw new InvalidOptionError("audit", { message });
}

/** A command that was continued or repeated has been undone meanwhile. This step has changed nothing. */
export class CommandUndoneError extends QueueError {
  readonly code = "COMMAND_UNDONE";
  readonly commandId: string;
  constructor(commandId: string) {
    super(`Command ${commandId} has been undone, so its next step changes nothing. Give the command anew.`);
    this.commandId = commandId;
  }
}

interface Recording extends AuditOptions {
  /** The id of the command that this one continues. */
  continued: string | undefined;
  action: string;
  argument: object;
  oneRow: boolean;
}

class RecordedCommand implements AuditedCommand {
  readonly db: Executor;
  readonly isRecorded = true;
  readonly #database: Queryable;
  readonly #recording: Recording;
  readonly #id: string;
  /** Whether the command may have rows. */
  #hasRows: boolean;
  /** The row that all steps share; null until it is written. */
  #row: string | null = null;

  constructor(db: Queryable, recording: Recording) {
    this.db = executorOf(db);
    this.#database = db;
    this.#recording = recording;
    this.#id = recording.continued ?? randomUUID();
    this.#hasRows = recording.continued !== undefined;
  }

  get commandId(): string | null {
    return this.#hasRows ? this.#id : null;
  }

  async step<Result>(
    work: (db: Executor) => Promise<Result>,
    changeOf: (result: Result) => AuditedChange,
    options: InTransaction = {},
  ): Promise<Result> {
    checkInTransaction(options);
    let row: string | null = null;
    const recorded = async (db: Executor): Promise<Result> => {
      if (this.#hasRows && !(await holdCommand(db, this.#id))) throw new CommandUndoneError(this.#id);
      const result = await work(db);
      const change = changeOf(result);
      if (change.changed > 0) row = await this.#write(db, change);
      return result;
    };
    const result =
      options.tx === undefined
        ? await inTransaction(this.#database, recorded)
        : await inTransactionOr(this.db, options, recorded);
    if (row !== null) this.#hasRows = true;
    // Only a committed row can be added to.
    if (this.#recording.oneRow) this.#row ??= row;
    return result;
  }

  #write(db: Executor, { changed, before }: AuditedChange): Promise<string | null> {
    const { who, via, action, argument, oneRow } = this.#recording;
    return writeAudit(db, {
      id: this.#row,
      commandId: this.#id,
      who,
      via,
      action,
      filter: argumentText(argument),
      changed,
      before: oneRow ? [] : before,
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
