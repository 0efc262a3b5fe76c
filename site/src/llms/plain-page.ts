import { resolveLink } from "../link/resolve-link.ts";
import type { SitePage } from "../page/site-pages.ts";

/**
 * Returns the Markdown of a page for programs that read it: without comments, which say how its code is checked, and
 * with links to the Markdown of other pages.
 */
export function plainPage({ source, text }: SitePage, addresses: ReadonlyMap<string, string>): string {
  return text
    .replace(/^<!-- [\s\S]*?-->\n/gm, "")
    .replace(/(?<!!)\[([^\]]*)\]\(([^)\s]+)\)/g, (whole, words: string, href: string) => {
      const target = resolveLink(source, href, addresses);
      if (target.kind !== "page") return whole;
      return `[${words}](/${target.address}${target.hash === "" ? "" : `#${target.hash}`})`;
    });
}
