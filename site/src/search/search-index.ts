import MiniSearch from "minisearch";
import { SEARCH_OPTIONS } from "./search-options.ts";

/** A section of a page, as the search knows it. */
export interface SearchSection {
  /** The address of the page, with the anchor of the section's heading. */
  id: string;
  title: string;
  /** The headings above, the page's title first. */
  titles: string[];
  text: string;
}

/** Builds the index over sections, as VitePress builds the site's. */
export function searchIndex(sections: readonly SearchSection[]): MiniSearch<SearchSection> {
  const index = new MiniSearch<SearchSection>({
    fields: ["title", "titles", "text"],
    storeFields: ["title", "titles"],
    searchOptions: SEARCH_OPTIONS,
  });
  index.addAll(sections);
  return index;
}

/** Reads the index that a build of the site has written. */
export function loadSearchIndex(json: string): MiniSearch<SearchSection> {
  return MiniSearch.loadJSON<SearchSection>(json, {
    fields: ["title", "titles", "text"],
    storeFields: ["title", "titles"],
    searchOptions: SEARCH_OPTIONS,
  });
}

/** Returns the first hits that the search shows: sections, several of which may be of one page. */
export function firstHits(index: MiniSearch<SearchSection>, words: string, count: number): string[] {
  return index
    .search(words)
    .slice(0, count)
    .map(({ id }) => String(id).replace(/\.html/, ""));
}
