import type { SitePage } from "../page/site-pages.ts";
import type { SearchSection } from "./search-index.ts";

/** What turns Markdown into HTML: the renderer of VitePress. */
export interface Renderer {
  render(text: string, env: { path: string; relativePath: string; cleanUrls: boolean }): string;
}

const HEADING = /<h(\d)[^>]*>(.*?)<a[^>]* href="#([^"]*)"[^>]*>.*?<\/a><\/h\1>/gs;

/**
 * Splits a page into sections at its headings, as VitePress does for its search: the text of a section ends at the next
 * heading of any level.
 */
export function searchSections({ address, source, text }: SitePage, renderer: Renderer): SearchSection[] {
  const html = renderer.render(text, { path: source, relativePath: address, cleanUrls: false });
  const page = `/${address.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, ".html")}`;
  const headings = [...html.matchAll(HEADING)];
  const above: string[] = [];
  return headings.flatMap((heading, at) => {
    const level = Number(heading[1]) - 1;
    const title = plain(heading[2] ?? "");
    const start = heading.index + heading[0].length;
    const content = plain(html.slice(start, headings[at + 1]?.index ?? html.length));
    if (title === "" || content === "") return [];
    above.length = level;
    const titles = above.filter((each) => each !== undefined);
    above[level] = title;
    return [{ id: `${page}#${heading[3]}`, title, titles, text: content }];
  });
}

function plain(html: string): string {
  return html
    .replace(/<[^>]*>/g, "")
    .replaceAll("&#8203;", "")
    .trim();
}
