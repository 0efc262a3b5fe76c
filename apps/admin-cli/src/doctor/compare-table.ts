import type { TableShape, TriggerShape } from "@millrace/schema/catalog";
import {
  addConstraint,
  createIndex,
  createStatistics,
  createTable,
  dropConstraint,
  dropIndex,
  dropStatistics,
  dropTrigger,
  enableTrigger,
  inSchema,
  setOption,
} from "../store/repairs.sql.ts";
import { compareColumns } from "./compare-columns.ts";
import { type Finding, note, problem } from "./finding.ts";

/** Compares a table with the table that the migrations make. */
export function compareTable(table: string, expected: TableShape, found: TableShape | undefined): Finding[] {
  if (found === undefined) return [missingTable(table, expected)];
  return [
    ...compareColumns(table, expected, found),
    ...compareConstraints(table, expected, found),
    ...compareIndexes(table, expected, found),
    ...compareStatistics(table, expected, found),
    ...compareTriggers(table, { expected: expected.triggers, found: found.triggers, isView: false }),
    ...compareOptions(table, expected, found),
  ];
}

function missingTable(table: string, shape: TableShape): Finding {
  return problem("TABLE_MISSING", inSchema(table), {
    text: "The table is missing. Statements of this release fail. If its rows are needed, restore a backup.",
    repair: createTable(table, shape),
  });
}

function compareConstraints(table: string, expected: TableShape, found: TableShape): Finding[] {
  return compareParts(expected.constraints, found.constraints, {
    missing: (name, rule) =>
      problem("CONSTRAINT_MISSING", `${inSchema(table)} ${name}`, {
        text: `The constraint is missing: ${rule}.`,
        repair: addConstraint(table, name, rule),
      }),
    different: (name, rule, now) =>
      problem("CONSTRAINT_DIFFERENT", `${inSchema(table)} ${name}`, {
        text: `The constraint is ${now}, and should be ${rule}.`,
        repair: `${dropConstraint(table, name)}\n${addConstraint(table, name, rule)}`,
      }),
    extra: (name, rule) =>
      problem("CONSTRAINT_UNKNOWN", `${inSchema(table)} ${name}`, {
        text: `This release has no such constraint: ${rule}. A job whose write it refuses does not go on.`,
        repair: dropConstraint(table, name),
      }),
  });
}

function compareIndexes(table: string, expected: TableShape, found: TableShape): Finding[] {
  return compareParts(expected.indexes, found.indexes, {
    missing: (name, definition) =>
      problem("INDEX_MISSING", inSchema(name), {
        text: `The index of ${inSchema(table)} is missing. Statements that need it read the whole table.`,
        repair: createIndex(definition),
      }),
    different: (name, definition, now) =>
      problem("INDEX_DIFFERENT", inSchema(name), {
        text: `The index is ${now}, and should be ${definition}.`,
        repair: `${dropIndex(name)}\n${createIndex(definition)}`,
      }),
    extra: (name) =>
      note("INDEX_UNKNOWN", inSchema(name), {
        text: `This release has no such index of ${inSchema(table)}. Each claim and completion pays for it.`,
        repair: dropIndex(name),
      }),
  });
}

function compareStatistics(table: string, expected: TableShape, found: TableShape): Finding[] {
  return compareParts(expected.statistics, found.statistics, {
    missing: (name, definition) =>
      problem("STATISTICS_MISSING", inSchema(name), {
        text: `The planner lacks statistics of ${inSchema(table)}, and may read all of it for few rows.`,
        repair: createStatistics(table, definition),
      }),
    different: (name, definition, now) =>
      problem("STATISTICS_DIFFERENT", inSchema(name), {
        text: `The statistics are ${now}, and should be ${definition}.`,
        repair: `${dropStatistics(name)}\n${createStatistics(table, definition)}`,
      }),
    // They cost no more than a part of ANALYZE.
    extra: () => null,
  });
}

/** Compares the triggers of a table or view. */
export function compareTriggers(
  relation: string,
  {
    expected,
    found,
    isView,
  }: {
    expected: Readonly<Record<string, TriggerShape>>;
    found: Readonly<Record<string, TriggerShape>>;
    isView: boolean;
  },
): Finding[] {
  const on = inSchema(relation);
  const definitions = (triggers: Readonly<Record<string, TriggerShape>>) =>
    Object.fromEntries(Object.entries(triggers).map(([name, { definition }]) => [name, definition]));
  const differences = compareParts(definitions(expected), definitions(found), {
    missing: (name, definition) =>
      problem("TRIGGER_MISSING", `${on} ${name}`, {
        text: `The trigger is missing: ${isView ? "writes to the view fail or do the wrong thing" : definition}.`,
        repair: `${definition};`,
      }),
    different: (name, definition, now) =>
      problem("TRIGGER_DIFFERENT", `${on} ${name}`, {
        text: `The trigger is ${now}, and should be ${definition}.`,
        repair: `${dropTrigger(relation, name)}\n${definition};`,
      }),
    extra: (name, definition) =>
      problem("TRIGGER_UNKNOWN", `${on} ${name}`, {
        text: `This release has no such trigger: ${definition}. A job whose write it refuses does not go on.`,
        repair: dropTrigger(relation, name),
      }),
  });
  const disabled = Object.keys(expected).filter((name) => found[name]?.enabled === false);
  return [
    ...differences,
    ...disabled.map((name) =>
      problem("TRIGGER_DISABLED", `${on} ${name}`, {
        text: "The trigger is disabled.",
        repair: enableTrigger(relation, name),
      }),
    ),
  ];
}

/** Operators may tune these settings, so a difference is no problem. */
function compareOptions(table: string, expected: TableShape, found: TableShape): Finding[] {
  const object = inSchema(table);
  return compareParts(expected.options, found.options, {
    missing: (name, value) =>
      note("OPTION_MISSING", object, {
        text: `${name} is not set, and ${value} by the migrations.`,
        repair: setOption(table, name, value),
      }),
    different: (name, value, now) =>
      note("OPTION_DIFFERENT", object, {
        text: `${name} is ${now}, and ${value} by the migrations.`,
        repair: setOption(table, name, value),
      }),
    // autovacuum_enabled has a finding of its own.
    extra: () => null,
  });
}

interface PartFindings {
  missing(name: string, expected: string): Finding;
  different(name: string, expected: string, found: string): Finding;
  extra(name: string, found: string): Finding | null;
}

/** Compares parts by their names. Returns a finding for each part that is missing, different or extra. */
export function compareParts(
  expected: Readonly<Record<string, string>>,
  found: Readonly<Record<string, string>>,
  { missing, different, extra }: PartFindings,
): Finding[] {
  const findings: (Finding | null)[] = Object.entries(expected).map(([name, wanted]) => {
    const now = found[name];
    if (now === undefined) return missing(name, wanted);
    return canonical(now) === canonical(wanted) ? null : different(name, wanted, now);
  });
  for (const [name, now] of Object.entries(found)) if (!(name in expected)) findings.push(extra(name, now));
  return findings.filter((finding) => finding !== null);
}

/**
 * Leaves out the casts between kinds of text, and parentheses. After a dump and a restore, the server writes the casts
 * of a list such as `IN ('a', 'b')` in other places.
 */
function canonical(definition: string): string {
  return definition.replace(/::(?:character varying|text)(?:\[\])?/g, "").replace(/[()\s]/g, "");
}
