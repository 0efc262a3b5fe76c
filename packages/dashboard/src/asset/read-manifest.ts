import { z } from "zod";

/** What Vite's manifest says of one file of the bundle. */
const manifestSchema = z.record(
  z.string(),
  z.looseObject({
    file: z.string(),
    isEntry: z.boolean().default(false),
    css: z.array(z.string()).default([]),
    assets: z.array(z.string()).default([]),
    /** The keys of the files that this file imports at once. */
    imports: z.array(z.string()).default([]),
  }),
);

/** What a manifest says of a bundle. All paths are below the bundle's folder. */
export interface Manifest {
  /** Every file of the bundle, each once. */
  readonly files: readonly string[];
  /** The script that the page loads first. */
  readonly script: string;
  /** The scripts that the first script imports at once. */
  readonly imported: readonly string[];
  /** The styles of these scripts. */
  readonly styles: readonly string[];
}

/** Reads Vite's manifest. Throws for any other value, and for a manifest without exactly one entry. */
export function readManifest(value: unknown): Manifest {
  const manifest = manifestSchema.parse(value);
  const chunks = Object.values(manifest);
  const [entry, ...others] = chunks.filter((chunk) => chunk.isEntry);
  if (entry === undefined || others.length > 0)
    throw new TypeError("The manifest has not exactly one entry.");
  const together = new Set([entry]);
  // A loop over a set also visits what is added during the loop.
  for (const { imports } of together) {
    for (const name of imports) {
      const chunk = manifest[name];
      if (chunk !== undefined) together.add(chunk);
    }
  }
  const [, ...imported] = [...together].map((chunk) => chunk.file);
  return {
    files: unique(chunks.flatMap(({ file, css, assets }) => [file, ...css, ...assets])),
    script: entry.file,
    imported,
    styles: unique([...together].flatMap((chunk) => chunk.css)),
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
