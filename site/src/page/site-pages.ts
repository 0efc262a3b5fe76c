import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { REPOSITORY } from "../folders.ts";
import { pageAddress } from "./page-address.ts";
import { pageSummary, pageTitle } from "./page-title.ts";

/** A page of the site. */
export interface SitePage {
  /** The Markdown file, from the repository's folder, with `/`. */
  source: string;
  /** The path on the site, with `.md`. */
  address: string;
  /** The first heading, as plain text. */
  title: string;
  /** The first paragraph, as plain text. Empty if there is none. */
  summary: string;
  /** The whole file. */
  text: string;
}

/** Folders whose Markdown is no page: dependencies, outputs, fixtures, and the site's own manual. */
export const NO_PAGES = [
  "**/node_modules/**",
  "**/dist/**",
  "**/test/**",
  "**/test-results/**",
  "**/.*/**",
  "site/README.md",
];

const IGNORED = /(^|\/)(node_modules|dist|test|test-results|\.[^/]+)(\/|$)/;

/**
 * Reads all pages: every Markdown file of the repository, except those of `NO_PAGES`. A new file is a page by itself.
 *
 * @param options.generated whether the generated reference pages belong to the pages
 * @returns the pages, by their source
 */
export function sitePages({ generated }: { generated: boolean }): SitePage[] {
  return globSync("**/*.md", { cwd: REPOSITORY, exclude: (path) => IGNORED.test(path) })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => path !== "site/README.md" && (generated || !path.startsWith("site/generated/")))
    .sort()
    .map((source) => {
      const text = readFileSync(join(REPOSITORY, source), "utf8");
      return {
        source,
        address: pageAddress(source),
        title: pageTitle(text),
        summary: pageSummary(text),
        text,
      };
    });
}
