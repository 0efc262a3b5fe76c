import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { sidebar } from "../page/sidebar.ts";
import type { SitePage } from "../page/site-pages.ts";
import { llmsFullText, llmsText } from "./llms-text.ts";
import { plainPage } from "./plain-page.ts";

/** Writes `llms.txt`, `llms-full.txt`, and the Markdown of each page beside its HTML. */
export function writeLlmsFiles(folder: string, pages: readonly SitePage[]): void {
  const addresses = new Map(pages.map(({ source, address }) => [source, address]));
  const groups = sidebar(pages);
  const texts = new Map(pages.map((page) => [page.address, plainPage(page, addresses)]));
  writeFileSync(join(folder, "llms.txt"), llmsText(groups, pages));
  writeFileSync(join(folder, "llms-full.txt"), llmsFullText(groups, texts));
  for (const [address, text] of texts) {
    mkdirSync(dirname(join(folder, address)), { recursive: true });
    writeFileSync(join(folder, address), text);
  }
}
