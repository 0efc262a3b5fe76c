import { checkFields } from "./check-fields.ts";
import { fieldNames } from "./field-problem.ts";
import type { InTransaction } from "./queue.ts";
import { checkQueryable } from "./store/queryable.ts";

const FIELDS = fieldNames<InTransaction>({ tx: true });

/** Checks the options of a command that may be part of a transaction. Throws `InvalidOptionError`. */
export function checkInTransaction(options: InTransaction): InTransaction {
  checkFields("options", options, FIELDS);
  if ("tx" in options) checkQueryable("tx", options.tx);
  return options;
}
