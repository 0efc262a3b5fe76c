import { posix } from "node:path";
import type { PackedPackage } from "../packed-package.ts";

interface SourceMap {
  sources: string[];
  sourcesContent?: (string | null)[];
}

/**
 * Finds compiled files that name a missing source map, and source maps without their sources: a debugger could not show
 * the source. A file that names no source map passes.
 */
export function sourceMapProblems({ paths, text }: PackedPackage): string[] {
  return [...paths].flatMap((path) => {
    const url = path.endsWith(".js") ? /^\/\/# sourceMappingURL=(.+)$/m.exec(text(path))?.[1] : undefined;
    if (url === undefined || url.startsWith("data:")) return [];
    const map = posix.join(posix.dirname(path), url);
    if (!paths.has(map)) return [`${path} names the source map ${map}, which is not in the package`];
    const { sources, sourcesContent = [] }: SourceMap = JSON.parse(text(map));
    return sources
      .filter((source, at) => typeof sourcesContent[at] !== "string" && !isShipped(paths, map, source))
      .map((source) => `${map} has neither the text of ${source}, nor is that file in the package`);
  });
}

function isShipped(paths: ReadonlySet<string>, map: string, source: string): boolean {
  return paths.has(posix.join(posix.dirname(map), source));
}
