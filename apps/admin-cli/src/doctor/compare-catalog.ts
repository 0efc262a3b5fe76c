import type { Catalog, FunctionShape, ViewShape } from "@millrace/schema/catalog";
import { dropFunction, dropView, inSchema, replaceView } from "../store/repairs.sql.ts";
import { compareParts, compareTable, compareTriggers } from "./compare-table.ts";
import { type Finding, problem } from "./finding.ts";

/**
 * Returns how this server writes the expected query of a view; null if the server cannot say. Releases of PostgreSQL
 * write some queries in different ways.
 */
export type RewriteView = (definition: string) => Promise<string | null>;

/**
 * Compares what a database has with what the migrations make. The findings are in the order in which their repairs
 * must run.
 */
export async function compareCatalog(
  expected: Catalog,
  found: Catalog,
  rewriteView: RewriteView,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, table] of Object.entries(expected.tables)) {
    findings.push(...compareTable(name, table, found.tables[name]));
  }
  findings.push(...compareFunctions(expected, found));
  for (const [name, view] of inOrderOfUse(expected.views)) {
    findings.push(...(await compareView(name, { expected: view, found: found.views[name], rewriteView })));
  }
  return findings;
}

function compareFunctions(expected: Catalog, found: Catalog): Finding[] {
  const names = new Set(Object.keys(expected.functions).map(bareName));
  // A user's own function in the schema is no problem. A function with the name of one of Millrace's is: calls may be
  // ambiguous, or reach that function.
  const ours = Object.fromEntries(
    Object.entries(found.functions).filter(([name]) => names.has(bareName(name))),
  );
  return compareParts(bodies(expected.functions), bodies(ours), {
    missing: (name) =>
      problem("FUNCTION_MISSING", `millrace.${name}`, {
        text: "The function is missing.",
        repair: `${expected.functions[name]?.definition ?? ""};`,
      }),
    different: (name) =>
      problem("FUNCTION_DIFFERENT", `millrace.${name}`, {
        text: "The function does something else than in this release.",
        repair: `${expected.functions[name]?.definition ?? ""};`,
      }),
    extra: (name) =>
      problem("FUNCTION_UNKNOWN", `millrace.${name}`, {
        text: "This release has no function with this name and these arguments: calls may be ambiguous.",
        repair: dropFunction(name),
      }),
  });
}

function bareName(name: string): string {
  return name.slice(0, name.indexOf("("));
}

function bodies(functions: Readonly<Record<string, FunctionShape>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(functions).map(([name, { source, volatility, settings }]) => [
      name,
      JSON.stringify([source, volatility, settings]),
    ]),
  );
}

/** `jobs` reads `running_jobs`, so that view comes first. */
function inOrderOfUse(views: Readonly<Record<string, ViewShape>>): [string, ViewShape][] {
  const uses = (one: ViewShape, other: string) => one.definition.includes(inSchema(other));
  return Object.entries(views).sort(([a, one], [b, other]) => (uses(one, b) ? 1 : uses(other, a) ? -1 : 0));
}

async function compareView(
  name: string,
  {
    expected,
    found,
    rewriteView,
  }: { expected: ViewShape; found: ViewShape | undefined; rewriteView: RewriteView },
): Promise<Finding[]> {
  const replace = replaceView(name, expected.definition);
  const triggers = Object.values(expected.triggers).map(({ definition }) => `${definition};`);
  if (found === undefined) {
    return [
      problem("VIEW_MISSING", inSchema(name), {
        text: "The view is missing.",
        repair: [replace, ...triggers].join("\n"),
      }),
    ];
  }
  const findings: Finding[] = [];
  if (columnsText(found) !== columnsText(expected)) {
    findings.push(
      problem("VIEW_COLUMNS", inSchema(name), {
        text: `The columns are ${columnsText(found)}, and should be ${columnsText(expected)}.`,
        repair: [dropView(name), replace, ...triggers].join("\n"),
      }),
    );
  } else if (found.definition !== expected.definition) {
    const rewritten = await rewriteView(expected.definition);
    // Without the server's own text, the columns are all that can be compared.
    if (rewritten !== null && found.definition !== rewritten) {
      findings.push(
        problem("VIEW_DIFFERENT", inSchema(name), {
          text: "The view has the right columns and another query than in this release.",
          repair: replace,
        }),
      );
    }
  }
  const parts = { expected: expected.triggers, found: found.triggers, isView: true };
  return [...findings, ...compareTriggers(name, parts)];
}

function columnsText({ columns }: ViewShape): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(", ");
}
