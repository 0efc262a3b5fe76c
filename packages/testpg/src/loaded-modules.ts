import { execFileSync } from "node:child_process";

/**
 * Returns the addresses of all modules that a process loads which imports these modules from the source, in `cwd`. For
 * tests that a package does not load what is optional, or takes much memory.
 */
export function loadedModules(specifiers: readonly string[], cwd: string): string[] {
  const program = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context);
        loaded.push(resolved.url);
        return resolved;
      },
    });
    for (const specifier of ${JSON.stringify(specifiers)}) await import(specifier);
    process.stdout.write(JSON.stringify(loaded));
  `;
  const flags = ["--conditions=@millrace/source", "--input-type=module", "--eval", program];
  return JSON.parse(execFileSync(process.execPath, flags, { cwd, encoding: "utf8" })) as string[];
}
