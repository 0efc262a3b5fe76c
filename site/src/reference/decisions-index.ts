import type { SitePage } from "../page/site-pages.ts";

/** Returns the list of all decisions as Markdown, the first decision first. */
export function decisionsIndex(pages: readonly SitePage[]): string {
  const decisions = pages.filter(({ source }) => source.startsWith("docs/decisions/"));
  return [
    "# Decisions",
    "",
    "Why Millrace is as it is. Each page has the reasons for one decision, its consequences, and what was rejected.",
    "",
    ...decisions.map(({ source, title }) => `- [${title}](../../../${source})`),
    "",
  ].join("\n");
}
