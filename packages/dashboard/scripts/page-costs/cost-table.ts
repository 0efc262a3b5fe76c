import type { Cost } from "./statement-costs.sql.ts";

/** What a page cost: the first visit after a restart of the server, and the quickest of the visits after. */
export interface PageCost {
  readonly name: string;
  readonly cold: Cost;
  readonly warm: Cost;
}

const figure = (value: number) => Math.round(value).toLocaleString("en-GB");

/** A Markdown table of what pages cost. */
export function costTable(costs: readonly PageCost[]): string {
  const rows = costs.map(({ name, cold, warm }) => {
    const times = [cold.cpuMs, warm.cpuMs, cold.ms, warm.ms];
    return `| ${[name, warm.statements, ...times.map(figure), figure(warm.blocks)].join(" | ")} |`;
  });
  return [
    "| page | statements | processor cold, ms | warm, ms | elapsed cold, ms | warm, ms | blocks |",
    "|---|--:|--:|--:|--:|--:|--:|",
    ...rows,
  ].join("\n");
}

/** The statements that took longest, for who wants to mend a page: one line each. */
export function slowestStatements(costs: readonly PageCost[], most: number): string {
  return costs
    .toSorted((a, b) => b.warm.slowestMs - a.warm.slowestMs)
    .slice(0, most)
    .map(({ name, warm }) => `${figure(warm.slowestMs)} ms in ${name}: ${warm.slowest.slice(0, 160)}`)
    .join("\n");
}

/** The visit that took the least time: other work of the machine makes a visit slower, and never quicker. */
export function quickest(costs: readonly Cost[]): Cost {
  const [found] = costs.toSorted((a, b) => a.cpuMs - b.cpuMs || a.ms - b.ms);
  if (found === undefined) throw new Error("there are no visits");
  return found;
}
