import { importProblems } from "./check/import-problems.ts";
import { linkProblems } from "./check/link-problems.ts";
import { manifestProblems } from "./check/manifest-problems.ts";
import { publintProblems } from "./check/publint-problems.ts";
import { sourceMapProblems } from "./check/source-map-problems.ts";
import { typeProblems } from "./check/type-problems.ts";
import type { Manifest, PackedPackage } from "./packed-package.ts";

/** Returns everything that is wrong with a package as it would be published. */
export async function packageProblems(packed: PackedPackage, inWorkspace: Manifest): Promise<string[]> {
  return [
    ...manifestProblems(packed, inWorkspace),
    ...(await importProblems(packed)),
    ...linkProblems(packed),
    ...sourceMapProblems(packed),
    ...(await publintProblems(packed)),
    ...(await typeProblems(packed)),
  ];
}
