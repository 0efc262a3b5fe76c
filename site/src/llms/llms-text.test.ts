import { expect, test } from "vitest";
import { sidebar } from "../page/sidebar.ts";
import type { SitePage } from "../page/site-pages.ts";
import { llmsFullText, llmsText } from "./llms-text.ts";
import { plainPage } from "./plain-page.ts";

const page = (source: string, address: string, title: string, text: string): SitePage => ({
  ...{ source, address, title, text },
  summary: "What it is. And more.",
});
const pages = [
  page(
    "docs/start.md",
    "start.md",
    "Start",
    "# Start\n\n<!-- check: with\nx\n-->\nSee [more](guides/new.md#a).\n",
  ),
  page("docs/guides/new.md", "guides/new.md", "New", "# New\n"),
];
const addresses = new Map(pages.map(({ source, address }) => [source, address]));

test("llms.txt lists every page of the navigation with its first sentence", () => {
  expect(llmsText(sidebar(pages), pages)).toContain(
    "## Start\n\n- [Start](/start.md): What it is.\n\n## Guides\n\n- [New](/guides/new.md): What it is.\n",
  );
});

test("the Markdown for programs has no comments about checks, and links to Markdown", () => {
  const texts = new Map(pages.map((each) => [each.address, plainPage(each, addresses)]));
  expect(llmsFullText(sidebar(pages), texts)).toBe(
    "<!-- /start.md -->\n\n# Start\n\nSee [more](/guides/new.md#a).\n\n\n<!-- /guides/new.md -->\n\n# New\n",
  );
});
