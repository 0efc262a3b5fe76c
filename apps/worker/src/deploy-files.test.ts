import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1";
import { Job } from "kubernetes-models/batch/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { loadConfig } from "./config/config.ts";
import { SETTING_NAMES, variableName } from "./config/settings.ts";

const ROOT = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const manifest = (name: string): unknown => parse(read(`deploy/kubernetes/${name}`));

/** How long a worker needs after its grace period, in s. See "Deploy" in the README. */
const GIVE_BACK_SECONDS = 15;
const config = loadConfig({ argv: [], env: { MILLRACE_DATABASE_URL: "postgres://a@b/c" }, cwd: "/" });
const STOP_SECONDS = config.shutdownGraceMs / 1_000 + GIVE_BACK_SECONDS;

const FILES = [
  "deploy/Dockerfile",
  "deploy/compose.yaml",
  "deploy/kubernetes/worker.yaml",
  "deploy/README.md",
];

test.each(FILES)("each variable of %s is one that the worker knows", (file) => {
  const named = [...read(file).matchAll(/\bMILLRACE_[A-Z_]+(?=[=:,} \n])/g)].map(([name]) => name);
  const known = [...SETTING_NAMES.map(variableName), "MILLRACE_DASHBOARD_TOKEN"];

  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});

test("the images are built with the versions of this workspace", () => {
  const dockerfile = read("deploy/Dockerfile");
  const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
  const nodeMajor = devDependencies["node"]?.split(".")[0];

  expect(dockerfile).toContain(`npx --yes turbo@${devDependencies["turbo"]} prune`);
  expect([...dockerfile.matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => major)).toEqual(
    Array.from({ length: 4 }, () => nodeMajor),
  );
  expect(dockerfile.match(/^USER node$/gm)).toHaveLength(2);
});

test("Kubernetes accepts the manifests, and waits until a worker has stopped", () => {
  const deployment = new Deployment(manifest("worker.yaml") as ConstructorParameters<typeof Deployment>[0]);
  const migrate = new Job(manifest("migrate.yaml") as ConstructorParameters<typeof Job>[0]);
  const budget = new PodDisruptionBudget(
    manifest("disruption.yaml") as ConstructorParameters<typeof PodDisruptionBudget>[0],
  );

  for (const model of [deployment, migrate, budget]) model.validate();
  const pod = deployment.spec?.template.spec;
  expect(pod?.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(STOP_SECONDS);
  expect(deployment.spec?.template.metadata?.labels).toMatchObject(
    deployment.spec?.selector.matchLabels ?? {},
  );
  expect(pod?.containers[0]?.securityContext?.readOnlyRootFilesystem).toBe(true);
});

test("Kubernetes refuses a manifest with a wrong field", () => {
  const { spec, ...rest } = manifest("worker.yaml") as { spec: object };

  expect(() => new Deployment({ ...rest, spec: { ...spec, replicas: "two" } } as never).validate()).toThrow(
    /replicas/,
  );
});

test("the scaled object asks for the backlog, for the workers of the deployment", () => {
  const [scaled] = parseAllDocuments(read("deploy/kubernetes/scaled-object.yaml")).map((each) => each.toJS());
  const { metadata } = manifest("worker.yaml") as { metadata: { name: string } };
  const env = (
    manifest("worker.yaml") as {
      spec: { template: { spec: { containers: { env: { name: string; value?: string }[] }[] } } };
    }
  ).spec.template.spec.containers[0]?.env;
  const concurrency = env?.find(({ name }) => name === "MILLRACE_CONCURRENCY")?.value;

  expect(scaled.spec.scaleTargetRef.name).toBe(metadata.name);
  expect(scaled.spec.triggers[0].metadata).toEqual({
    query: "SELECT due + running FROM millrace.backlog('default')",
    targetQueryValue: concurrency,
  });
});

test("Compose and systemd wait until a worker has stopped", () => {
  const compose = parse(read("deploy/compose.yaml")) as {
    services: Record<string, { stop_grace_period?: string; build?: { target: string } }>;
  };
  const unit = read("deploy/systemd/millrace-worker.service");

  expect(Number.parseInt(compose.services["worker"]?.stop_grace_period ?? "", 10)).toBeGreaterThanOrEqual(
    STOP_SECONDS,
  );
  expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThanOrEqual(STOP_SECONDS);
});

test.skipIf(!existsSync("/usr/bin/systemd-analyze"))("systemd accepts the unit", () => {
  const path = join(ROOT, "deploy/systemd/millrace-worker.service");

  // systemd also says that no program is at ExecStart, which is true of this machine.
  const said = (() => {
    try {
      return execFileSync("systemd-analyze", ["verify", "--man=no", path], {
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  })();
  expect(said.split("\n").filter((line) => line.includes("millrace-worker.service:"))).toEqual([]);
});
