import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { installCommands, stepsAfterInstall } from "./next-steps.ts";
import { readProject } from "./project.ts";
import { runInstall } from "./run-install.ts";
import { projectFiles } from "./templates.ts";
import { writeFiles } from "./write-files.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Makes a project of these files; an object is written as JSON. Returns its folder. */
function project(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), "millrace-init-"));
  folders.push(folder);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), typeof content === "string" ? content : JSON.stringify(content));
  }
  return folder;
}

const shown = (folder: string) =>
  installCommands(readProject(folder), "1.2.3").map((command) => command.join(" "));

test("a project of JavaScript on npm gets modules that Node runs", () => {
  const folder = project({ "package.json": {}, "package-lock.json": {} });
  const found = readProject(folder);

  expect(found).toMatchObject({ manager: "npm", typescript: false, drizzle: false, extension: "mjs" });
  expect(projectFiles(found).map(({ path }) => path)).toEqual([
    "src/jobs/database.mjs",
    "src/jobs/send-welcome.mjs",
    "src/jobs/schedules.mjs",
    "src/jobs/worker.mjs",
    "src/jobs/enqueue-welcome.mjs",
  ]);
  expect(shown(folder)).toEqual([
    "npm install @millrace/queue@1.2.3 @millrace/scheduler@1.2.3 pg zod",
    "npm install -D @millrace/admin-cli@1.2.3",
  ]);
  expect(stepsAfterInstall(found).flatMap(({ commands }) => commands)).toContain("node src/jobs/worker.mjs");
});

test("a package of a pnpm workspace uses pnpm, and names only what it lacks", () => {
  const root = project({
    "pnpm-workspace.yaml": "packages:\n  - packages/*\n",
    "packages/app/package.json": {
      type: "module",
      dependencies: { "drizzle-orm": "0.45.4", pg: "8", zod: "4" },
      devDependencies: { "@types/pg": "8", typescript: "5" },
    },
  });
  const found = readProject(join(root, "packages/app"));

  expect(found).toMatchObject({ manager: "pnpm", isWorkspaceRoot: false, drizzle: true, extension: "ts" });
  expect(shown(join(root, "packages/app"))).toEqual([
    "pnpm add @millrace/queue@1.2.3 @millrace/scheduler@1.2.3",
    "pnpm add -D --allow-build=esbuild @millrace/admin-cli@1.2.3 @types/node tsx",
  ]);
});

test("the root of a pnpm workspace adds to the root", () => {
  const root = project({ "pnpm-workspace.yaml": "packages: [app]\n", "package.json": {} });

  expect(shown(root)[0]).toBe(
    "pnpm add --workspace-root @millrace/queue@1.2.3 @millrace/scheduler@1.2.3 pg zod",
  );
});

test.each([
  ["yarn", { "yarn.lock": "" }, "yarn add -D @millrace/admin-cli@1.2.3"],
  ["bun", { "bun.lock": "" }, "bun add --dev @millrace/admin-cli@1.2.3"],
  ["pnpm", { "package.json": { packageManager: "pnpm@12.0.0" } }, "pnpm add -D @millrace/admin-cli@1.2.3"],
])("a project of %s uses it", (_manager, files, command) => {
  expect(shown(project({ "package.json": {}, ...files }))[1]).toBe(command);
});

test("a project that imports .ts files by their name runs them with Node alone", () => {
  const folder = project({
    "package.json": { type: "module" },
    "tsconfig.json": '{\n  // of the team\n  "extends": "./base.json"\n}',
    "base.json": { compilerOptions: { rewriteRelativeImportExtensions: true } },
  });
  const found = readProject(folder);

  expect(found).toMatchObject({ typescript: true, extension: "ts", importExtension: "ts" });
  expect(stepsAfterInstall(found).flatMap(({ commands }) => commands)).toContain("node src/jobs/worker.ts");
  expect(shown(folder).join()).not.toContain("tsx");
});

test("a file that exists is left as it is, and a dry run writes nothing", () => {
  const folder = project({ "package.json": {}, "src/jobs/worker.mjs": "mine" });
  const files = projectFiles(readProject(folder));
  const dry = writeFiles(folder, files, { dryRun: true });
  const wet = writeFiles(folder, files, { dryRun: false });
  const again = writeFiles(folder, files, { dryRun: false });

  expect(dry.map(({ outcome }) => outcome)).toEqual([
    "would-write",
    "would-write",
    "would-write",
    "exists",
    "would-write",
  ]);
  expect(wet.map(({ outcome }) => outcome)).toEqual(["written", "written", "written", "exists", "written"]);
  expect(again.every(({ outcome }) => outcome === "exists")).toBe(true);
  expect(readFileSync(join(folder, "src/jobs/worker.mjs"), "utf8")).toBe("mine");
});

test.each([
  [{}, /^There is no package\.json in .+\. Make one with `npm init`, or name the folder of your project\.$/],
  [{ "package.json": "{" }, /^Cannot read .+package\.json as JSON\. Correct the file\.$/],
  [{ "package.json": "7" }, /^Cannot use .+package\.json: expected a JSON object\. Correct the file\.$/],
])("a folder that is no project is refused (%#)", (files, message) => {
  const folder = project(files);

  expect(() => readProject(folder)).toThrow(
    expect.objectContaining({ code: "USAGE", message: expect.stringMatching(message) }),
  );
});

test("the package manager runs in the project's folder, and what it prints goes to standard error", async () => {
  const folder = realpathSync(project({ "package.json": {} }));
  let printed = "";
  const io = { env: process.env, stderr: { write: (text: string) => (printed += text) } };
  await runInstall([process.execPath, "-p", "process.cwd()"], folder, io);

  expect(printed).toBe(`$ ${process.execPath} -p process.cwd()\n${folder}\n`);
  await expect(runInstall([process.execPath, "-e", "process.exit(7)"], folder, io)).rejects.toMatchObject({
    code: "INSTALL_FAILED",
    message: expect.stringMatching(/failed \(exit code 7\)\. The files are written\. Run it yourself in /),
  });
  await expect(runInstall(["no-such-program"], folder, io)).rejects.toMatchObject({ code: "INSTALL_FAILED" });
});
