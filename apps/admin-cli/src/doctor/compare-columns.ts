import type { ColumnShape, TableShape } from "@millrace/schema/catalog";
import {
  addColumn,
  dropColumn,
  inSchema,
  setDefault,
  setNotNull,
  setStorage,
  setType,
} from "../store/repairs.sql.ts";
import { type Finding, problem } from "./finding.ts";

/** Compares the columns of a table with those that the migrations make. */
export function compareColumns(table: string, expected: TableShape, found: TableShape): Finding[] {
  const findings: Finding[] = [];
  for (const [name, shape] of Object.entries(expected.columns)) {
    const column = found.columns[name];
    if (column === undefined) findings.push(missingColumn(table, name, shape));
    else findings.push(...compareColumn(table, name, { expected: shape, found: column }));
  }
  for (const name of Object.keys(found.columns)) {
    if (!(name in expected.columns)) findings.push(extraColumn(table, name));
  }
  return findings;
}

function missingColumn(table: string, name: string, shape: ColumnShape): Finding {
  return problem("COLUMN_MISSING", `${inSchema(table)}.${name}`, {
    text: "The column is missing. Statements of this release fail.",
    repair: addColumn(table, name, shape),
  });
}

function extraColumn(table: string, name: string): Finding {
  return problem("COLUMN_UNKNOWN", `${inSchema(table)}.${name}`, {
    text: "This release has no such column. Jobs lose its value when they move to another table.",
    repair: dropColumn(table, name),
  });
}

function compareColumn(
  table: string,
  name: string,
  { expected, found }: { expected: ColumnShape; found: ColumnShape },
): Finding[] {
  const object = `${inSchema(table)}.${name}`;
  const findings: Finding[] = [];
  if (found.type !== expected.type) {
    findings.push(
      problem("COLUMN_TYPE", object, {
        text: `The type is ${found.type}, and should be ${expected.type}.`,
        repair: setType(table, name, expected),
      }),
    );
  }
  if (found.notNull !== expected.notNull) {
    findings.push(
      problem("COLUMN_NULL", object, {
        text: expected.notNull
          ? "The column takes NULL, and should not."
          : "The column does not take NULL, and should.",
        repair: setNotNull(table, name, expected),
      }),
    );
  }
  if (found.default !== expected.default) {
    findings.push(
      problem("COLUMN_DEFAULT", object, {
        text: `The default is ${found.default ?? "missing"}, and should be ${expected.default ?? "none"}.`,
        repair: setDefault(table, name, expected),
      }),
    );
  }
  if (found.storage !== expected.storage) {
    findings.push(
      problem("COLUMN_STORAGE", object, {
        text: `Long values are stored as ${found.storage}, and should be as ${expected.storage}: claims cost more.`,
        repair: setStorage(table, name, expected),
      }),
    );
  }
  return findings;
}
