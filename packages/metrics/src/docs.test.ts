import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { Pool } from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { createMetrics } from "./metrics/create-metrics.ts";

const root = resolve(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(resolve(root, path), "utf8");

/** What a registry keeps of a metric, besides what prom-client's types say. */
const metricSchema = z.object({
  name: z.string(),
  help: z.string(),
  labelNames: z.array(z.string()),
});

// A pool connects at its first use. Metrics ask the database when they are scraped, and nobody scrapes here.
const metrics = createMetrics({ db: new Pool() });
afterAll(() => metrics.stop());
const typeOf = (metric: object) => metric.constructor.name.toLowerCase();
const known = new Map(
  metrics.registry.getMetricsAsArray().map((metric) => {
    const { name, help, labelNames } = metricSchema.parse(metric);
    const type = typeOf(metric);
    return [name, { name, help, labelNames, type }] as const;
  }),
);

/** A metric that an expression names, with the values that the expression asks of its labels. */
interface Selected {
  name: string;
  matchers: { label: string; operator: string; value: string }[];
}

/** What an expression names: metrics, labels that it groups by, and texts that PromQL does not understand. */
function readPromql(expression: string) {
  // Grafana replaces its variables before Prometheus sees the expression.
  const text = expression.replaceAll("$__rate_interval", "5m").replaceAll("$queue", "a");
  const found = { selected: [] as Selected[], labels: [] as string[], errors: [] as string[] };
  parser.parse(text).iterate({
    enter(node) {
      const said = text.slice(node.from, node.to);
      if (node.type.isError) found.errors.push(`${said} in ${text}`);
      if (node.name === "VectorSelector") {
        found.selected.push({ name: /^\w+/.exec(said)?.[0] ?? "", matchers: [] });
      }
      if (node.name === "UnquotedLabelMatcher") {
        const [, label = "", operator = "", value = ""] = /^(\w+)\s*(=~|!~|!=|=)\s*"(.*)"$/.exec(said) ?? [];
        found.selected.at(-1)?.matchers.push({ label, operator, value });
      }
      if (node.name === "LabelName" && node.node.parent?.name === "GroupingLabels") found.labels.push(said);
    },
  });
  return found;
}

/** The metric of a series: a histogram has three series. */
function metricOf(series: string) {
  const base = series.replace(/_(bucket|sum|count)$/, "");
  const histogram = known.get(base);
  return series !== base && histogram?.type === "histogram" ? histogram : known.get(series);
}

/** The labels that Prometheus adds to what it scrapes, and the label of buckets. */
const ADDED = ["instance", "job", "le"];

/** What is wrong with an expression; nothing for a right one. */
function problemsOf(expression: string): string[] {
  const { selected, labels, errors } = readPromql(expression);
  const problems = [...errors];
  if (selected.length === 0) problems.push(`no metric in ${expression}`);
  const named = selected.flatMap(({ name, matchers }) => {
    const metric = metricOf(name);
    if (metric === undefined) problems.push(`no metric ${name}`);
    for (const { label, operator, value } of matchers) {
      if (!metric?.labelNames.includes(label)) problems.push(`${name} has no label ${label}`);
      // The help of a metric names the values of a label that has only some.
      const hasValue = operator.includes("~") || metric?.help.match(/[\w-]+/g)?.includes(value) === true;
      if (!hasValue) problems.push(`${name} has no ${label} ${value}`);
    }
    return metric?.labelNames ?? [];
  });
  for (const label of labels) {
    if (!ADDED.includes(label) && !named.includes(label)) problems.push(`no label ${label} in ${expression}`);
  }
  return problems;
}

describe("the check of expressions", () => {
  test.each([
    ["sum(rate(millrace_claims_total[5m]))", []],
    ["sum(millrace_typo)", ["no metric millrace_typo"]],
    ["millrace_claims_total_bucket", ["no metric millrace_claims_total_bucket"]],
    [
      'millrace_claims_total{queue="mail"}',
      ["millrace_claims_total has no label queue", "millrace_claims_total has no queue mail"],
    ],
    ['millrace_claims_total{result="odd"}', ["millrace_claims_total has no result odd"]],
    ["sum by (queue) (millrace_claims_total)", ["no label queue in sum by (queue) (millrace_claims_total)"]],
  ])("%s", (expression, problems) => {
    expect(problemsOf(expression)).toEqual(problems);
  });

  test("sees a wrong syntax", () => {
    expect(problemsOf("sum(millrace_slots")).not.toEqual([]);
  });
});

test("the board of Grafana uses metrics, labels and values that there are", () => {
  const boardSchema = z.object({
    templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
    panels: z.array(
      z.object({
        id: z.number(),
        title: z.string(),
        targets: z.array(z.object({ expr: z.string(), legendFormat: z.string() })).default([]),
      }),
    ),
  });
  const board = boardSchema.parse(JSON.parse(read("deploy/observability/grafana-dashboard.json")));
  const targets = board.panels.flatMap((panel) => panel.targets);
  const [, metric = "", label = ""] =
    /^label_values\((\w+), (\w+)\)$/.exec(
      board.templating.list.find(({ name }) => name === "queue")?.query ?? "",
    ) ?? [];

  expect(targets.length).toBeGreaterThan(20);
  expect(targets.flatMap(({ expr }) => problemsOf(expr))).toEqual([]);
  expect(known.get(metric)?.labelNames).toContain(label);
  for (const { expr, legendFormat } of targets) {
    for (const [, name = ""] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(expr).toContain(name);
  }
  expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
});

test("the board shows every metric", () => {
  const board = read("deploy/observability/grafana-dashboard.json");

  expect([...known.keys()].filter((name) => !board.includes(name))).toEqual([]);
});

test("the alert rules use metrics, labels and values that there are", () => {
  const rulesSchema = z.object({
    groups: z.array(
      z.strictObject({
        name: z.string(),
        rules: z.array(
          z.strictObject({
            alert: z.string(),
            expr: z.string(),
            for: z
              .string()
              .regex(/^\d+m$/)
              .optional(),
            labels: z.strictObject({ severity: z.enum(["critical", "warning"]) }),
            annotations: z.strictObject({ summary: z.string(), description: z.string() }),
          }),
        ),
      }),
    ),
  });
  const { groups } = rulesSchema.parse(parse(read("deploy/observability/prometheus-alerts.yaml")));
  const rules = groups.flatMap((group) => group.rules);

  expect(rules.length).toBeGreaterThan(10);
  expect(rules.flatMap(({ expr }) => problemsOf(expr))).toEqual([]);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { expr, annotations } of rules) {
    for (const [, label = ""] of Object.values(annotations)
      .join()
      .matchAll(/\$labels\.(\w+)/g)) {
      const isGrouped = readPromql(expr).labels.includes(label);
      // An expression without an aggregation keeps all labels.
      expect(isGrouped || !/\b(sum|max|min)\b/.test(expr)).toBe(true);
    }
  }
});

test("docs/metrics.md has a row for every metric, with its type and labels, and no other", () => {
  const rows = [...read("docs/metrics.md").matchAll(/^\| `(millrace_\w+)` \| (\w+) \|(.*?)\|/gm)];
  const documented = rows.map(([, name, type, labels = ""]) => ({
    name,
    type,
    labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  }));
  const byName = (one: { name?: string | undefined }, other: { name?: string | undefined }) =>
    (one.name ?? "") < (other.name ?? "") ? -1 : 1;

  expect(documented.sort(byName)).toEqual(
    [...known.values()]
      .map(({ name, type, labelNames }) => ({ name, type, labels: labelNames }))
      .sort(byName),
  );
});

test("names are in base units, and counters end in _total", () => {
  for (const { name, type } of known.values()) {
    expect(name).not.toMatch(/(_ms|_millis|_minutes|_kb|_percent)(_|$)/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    if (type === "histogram") expect(name).toMatch(/_seconds$/);
  }
});

test("few metrics have labels, and none names a job or a worker", () => {
  const labels = new Set([...known.values()].flatMap(({ labelNames }) => labelNames));

  expect([...labels].sort()).toEqual([
    "during",
    "outcome",
    "pool",
    "queue",
    "result",
    "state",
    "table",
    "type",
  ]);
});
