import type { Executor } from "../src/index.ts";

interface PlanNode {
  "WAL Bytes": number;
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Loops": number;
  "Subplan Name"?: string;
  "CTE Name"?: string;
  Plans?: PlanNode[];
}

const nodesOf = (plan: PlanNode): PlanNode[] => [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];

/**
 * How many bytes of WAL a statement wrote. A write that nothing reads from runs after the plan has given its rows, and
 * is not in the numbers of the plan's top.
 */
function walBytesOf(plan: PlanNode): number {
  const nodes = nodesOf(plan);
  const read = new Set(nodes.map((node) => node["CTE Name"]));
  const unread = nodes.filter((node) => {
    const [, name] = /^CTE (.+)$/.exec(node["Subplan Name"] ?? "") ?? [];
    return name !== undefined && !read.has(name);
  });
  return [plan, ...unread].reduce((sum, node) => sum + node["WAL Bytes"], 0);
}

/** An executor that gives plans in place of rows, and counts over all its statements. */
export interface ExplainingExecutor extends Executor {
  /** How many bytes of WAL were written. Other sessions write to the log, too. */
  walBytes: number;
  /** How often a scan of a table began. */
  scansOf(table: string): number;
}

/** Runs what it is given under EXPLAIN. */
export function explaining(client: Executor): ExplainingExecutor {
  const scans: PlanNode[] = [];
  return {
    walBytes: 0,
    scansOf: (table) =>
      scans
        .filter((node) => node["Relation Name"] === table)
        .reduce((sum, node) => sum + node["Actual Loops"], 0),
    async query(text, values) {
      const { rows } = await client.query(`EXPLAIN (ANALYZE, WAL, FORMAT JSON) ${text}`, values);
      const [answer] = rows as { "QUERY PLAN": { Plan: PlanNode }[] }[];
      const plan = answer?.["QUERY PLAN"][0]?.Plan;
      this.walBytes += plan === undefined ? Number.NaN : walBytesOf(plan);
      if (plan !== undefined)
        scans.push(...nodesOf(plan).filter((node) => node["Node Type"] !== "ModifyTable"));
      return { rows: [] };
    },
  };
}
