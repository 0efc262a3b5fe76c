import { join } from "node:path";
import { Application, type TypeDocOptions } from "typedoc";
import type { PluginOptions } from "typedoc-plugin-markdown";
import { GENERATED, REPOSITORY, SITE } from "../folders.ts";
import { publicEntryPoints } from "../public-packages.ts";

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
  const entryPoints = publicEntryPoints();
  const options: Partial<TypeDocOptions & PluginOptions> = {
    plugin: ["typedoc-plugin-markdown"],
    entryPoints: entryPoints.map(({ file }) => file),
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
  // TypeDoc names a module by its path below `packages`. People know it by what they import.
  for (const module of project.children ?? []) {
    const entryPoint = entryPoints.find(
      ({ file }) => file.endsWith(`/${module.name}.ts`) || inFolder(file, module.name),
    );
    module.name = entryPoint?.specifier ?? module.name;
  }
  await application.generateOutputs(project);
  if (application.logger.hasErrors()) throw new ApiReferenceError();
}

/** Whether a file is the index of a module. */
const inFolder = (file: string, module: string) => file.endsWith(`/${module}/index.ts`);
