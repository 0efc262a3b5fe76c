import type { SearchOptions } from "minisearch";

/**
 * How the site's search ranks its answers. VitePress builds the index, and the browser searches in it without a server.
 *
 * VitePress sends `boostDocument` to the browser as text. Therefore the function uses nothing outside itself.
 */
export const SEARCH_OPTIONS: SearchOptions = {
  fuzzy: 0.2,
  prefix: true,
  boost: { title: 4, text: 2, titles: 1 },
  // Pages that explain come before pages that list. Reasons of the design come last.
  boostDocument(id: string): number {
    if (/\/(guides|concepts|coming-from)\/|\/start\./.test(id)) return 2.5;
    if (/\/reference\/api\//.test(id)) return 0.2;
    if (/\/(decisions|architecture|benchmarks|contributing)/.test(id)) return 0.5;
    return 1;
  },
};
