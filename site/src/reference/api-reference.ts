import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Application, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { GENERATED, REPOSITORY, SITE } from "../folders.ts";

/** Packages that other packages of Millrace need, and people do not import. */
const NOT_PUBLIC = ["base", "testpg"];

/** Paths of packages that only other packages of Millrace import, and paths that no program imports. */
const NOT_PUBLIC_PATHS = ["./package.json", "./values", "./catalog", "./migrations", "./renewal-thread"];

/** The packages whose exports people import, such as `queue`. */
const publicPackages = () =>
  globSync("*/package.json", { cwd: join(REPOSITORY, "packages") })
    .map((path) => dirname(path))
    .filter((name) => !NOT_PUBLIC.includes(name))
    .sort();

/** The docstrings of the public packages could not be turned into pages. */
export class ApiReferenceError extends Error {
  readonly code = "API_REFERENCE_FAILED";

  constructor() {
    super("TypeDoc could not read the packages: its messages above say why.");
    this.name = "ApiReferenceError";
  }
}

/** Writes a page for each export of each public package, from its docstring. Throws `ApiReferenceError`. */
export async function writeApiReference(): Promise<void> {
  const options: Partial<TypeDocOptions & PluginOptions> = {
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: publicPackages().flatMap(entryPoints),
    tsconfig: join(SITE, "tsconfig.api.json"),
    out: join(GENERATED, "reference/api"),
    name: "API",
    readme: "none",
    skipErrorChecking: true,
    excludeInternal: true,
    excludePrivate: true,
    excludeExternals: true,
    disableSources: true,
    githubPages: false,
    logLevel: "Error",
    basePath: REPOSITORY,
    entryFileName: "index",
    hidePageHeader: true,
    hideBreadcrumbs: false,
    useCodeBlocks: true,
    parametersFormat: "table",
    propertiesFormat: "table",
    interfacePropertiesFormat: "table",
    typeAliasPropertiesFormat: "table",
    sanitizeComments: true,
  };
  const application = await Application.bootstrapWithPlugins(options);
  const project = await application.convert();
  if (project === undefined) throw new ApiReferenceError();
  for (const module of project.children ?? []) module.name = packageOf(module.name);
  await application.generateOutputs(project);
  if (application.logger.hasErrors()) throw new ApiReferenceError();
}

/** Returns how people import a module: `queue/src` is `@millrace/queue`, and `api/src/client` is `@millrace/api/client`. */
function packageOf(module: string): string {
  return `@millrace/${module
    .replace(/^packages\//, "")
    .replace(/\/src(\/index)?$/, "")
    .replace("/src/", "/")}`;
}

/** The files of a package that its `exports` name. */
function entryPoints(name: string): string[] {
  const folder = join(REPOSITORY, "packages", name);
  const { exports }: { exports: Record<string, string | Record<string, string>> } = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return Object.entries(exports)
    .filter(([path]) => !NOT_PUBLIC_PATHS.includes(path))
    .flatMap(([, targets]) => (typeof targets === "string" ? [] : (targets["@millrace/source"] ?? [])))
    .map((file) => join(folder, file));
}
