import { existsSync } from "node:fs";
import { join } from "node:path";
import MarkdownIt from "markdown-it";
import { expect, test } from "vitest";
import { REPOSITORY } from "../folders.ts";
import { sitePages } from "../page/site-pages.ts";
import { headingSlugs } from "./heading-slugs.ts";
import { resolveLink } from "./resolve-link.ts";

const pages = sitePages({ generated: false });
const addresses = new Map(pages.map(({ source, address }) => [source, address]));
const slugs = new Map(pages.map(({ source, text }) => [source, headingSlugs(text)]));
const markdown = new MarkdownIt({ html: true });

function hrefsOf(text: string): string[] {
  const tokens = markdown.parse(text, {}).flatMap(({ children }) => children ?? []);
  return tokens.flatMap((token) => token.attrGet(token.type === "image" ? "src" : "href") ?? []);
}

/** What is wrong with a link, or null. */
function problem(source: string, href: string): string | null {
  const target = resolveLink(source, href, addresses);
  if (target.kind === "external") return null;
  if (target.kind === "file")
    return existsSync(join(REPOSITORY, target.path)) ? null : `${href}: no such file`;
  const found = target.hash === "" || slugs.get(target.source)?.has(target.hash);
  return found ? null : `${href}: ${target.source} has no such heading`;
}

test.for(pages.filter(({ source }) => source !== "site/pages/index.md"))(
  "the links of $source lead to files and headings that exist",
  ({ source, text }) => {
    expect(hrefsOf(text).flatMap((href) => problem(source, href) ?? [])).toEqual([]);
  },
);

test("no two pages have the same address, and each has a title", () => {
  expect(addresses.size).toBe(new Set(addresses.values()).size);
  expect(pages.filter(({ title }) => title === "")).toEqual([]);
});
