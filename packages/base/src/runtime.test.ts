import { expect, test } from "vitest";
import { NODE_LEAST, neededNode, nodeProblem } from "./runtime.ts";

test.each(["20.19.0", "20.19.4", "20.20.0", "22.0.0", "24.21.0", "30.1.2", "21.0.0-nightly"])(
  "Node %s is new enough for 20.19.0",
  (version) => {
    expect(nodeProblem("Millrace", "20.19.0", version)).toBeNull();
  },
);

test.each(["20.18.3", "20.9.0", "18.20.8", "6.0.0"])("Node %s is too old for 20.19.0", (version) => {
  expect(nodeProblem("Millrace", ">=20.19.0", version)).toBe(
    `Millrace needs Node 20.19.0 or newer; this is Node ${version}. Install a newer Node, and start again.`,
  );
});

test.each(["base", "schema", "queue", "scheduler", "api", "dashboard", "metrics", "testing"])(
  "the package %s states the Node that the libraries check",
  (name) => {
    const manifest = new URL(`../../${name}/package.json`, import.meta.url);

    expect(neededNode(manifest)).toBe(`>=${NODE_LEAST}`);
  },
);
