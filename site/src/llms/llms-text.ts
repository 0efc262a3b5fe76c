import type { SidebarItem } from "../page/sidebar.ts";
import type { SitePage } from "../page/site-pages.ts";

const SUMMARY =
  "A durable job queue and cron scheduler on plain PostgreSQL, in TypeScript. Jobs live in the database that you " +
  "already run. Delivery is at least once. Every write about a running job carries its lease token. Time is the " +
  "database's clock.";

/** Returns `llms.txt`: a list of all pages in the order of the navigation, each with its first paragraph. */
export function llmsText(groups: readonly SidebarItem[], pages: readonly SitePage[]): string {
  const byLink = new Map(pages.map((page) => [`/${page.address.replace(/\.md$/, "")}`, page]));
  const sections = groups.map(({ text, items = [] }) => {
    const lines = items.flatMap(({ link }) => {
      const page = byLink.get(link ?? "");
      return page === undefined ? [] : [`- [${page.title}](/${page.address})${tail(page.summary)}`];
    });
    return `## ${text}\n\n${lines.join("\n")}\n`;
  });
  return `# Millrace\n\n> ${SUMMARY}\n\n${sections.join("\n")}`;
}

function tail(summary: string): string {
  const first = /^.*?[.!?](?=\s|$)/.exec(summary)?.[0] ?? summary;
  return first === "" ? "" : `: ${first}`;
}

/** Returns `llms-full.txt`: the text of all pages in the order of the navigation, without the API of each export. */
export function llmsFullText(groups: readonly SidebarItem[], texts: ReadonlyMap<string, string>): string {
  const links = groups.flatMap(({ items = [] }) => items.map(({ link }) => link ?? ""));
  return links.map((link) => `<!-- ${link}.md -->\n\n${texts.get(`${link.slice(1)}.md`) ?? ""}`).join("\n\n");
}
