import { join } from "node:path";

/** The folder of this package. */
export const SITE = join(import.meta.dirname, "..");

/** The folder of the repository. The site's pages are Markdown files anywhere in it. */
export const REPOSITORY = join(SITE, "..");

/** The folder of what the build generates. It is not committed. */
export const GENERATED = join(SITE, "generated");
