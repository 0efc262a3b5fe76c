import { build, createServer } from "vitepress";
import { SITE } from "./folders.ts";
import { writeReference } from "./reference/write-reference.ts";
import { checkBuiltSearch } from "./search/check-built-search.ts";

// `node src/build.ts` builds the site into dist, and checks its search.
// `node src/build.ts dev` serves the site, and follows changes of the pages.
await writeReference();
if (process.argv[2] === "dev") {
  const server = await createServer(SITE);
  await server.listen();
  server.printUrls();
} else {
  await build(SITE);
  await checkBuiltSearch();
}
