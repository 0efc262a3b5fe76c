import { slug } from "github-slugger";
import { createMarkdownRenderer } from "vitepress";
import { beforeAll, expect, test } from "vitest";
import { REPOSITORY } from "../folders.ts";
import { sitePages } from "../page/site-pages.ts";
import { QUESTIONS } from "./questions.ts";
import { firstHits, searchIndex } from "./search-index.ts";
import { searchSections } from "./search-sections.ts";

let index: ReturnType<typeof searchIndex>;

beforeAll(async () => {
  // The colours of code say nothing to a search.
  const renderer = await createMarkdownRenderer(REPOSITORY, {
    highlight: (code) => code,
    anchor: { slugify: slug },
  });
  index = searchIndex(sitePages({ generated: false }).flatMap((page) => searchSections(page, renderer)));
});

test.for(QUESTIONS.flatMap((each) => each.searches.map((words) => ({ words, ...each }))))(
  'a search for "$words" finds the answer among its first three hits',
  ({ words, answers }) => {
    const hits = firstHits(index, words, 3);
    expect(hits.filter((hit) => answers.some((answer) => hit.startsWith(`${answer}#`)))).not.toEqual([]);
  },
);
