import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { slug } from "github-slugger";
import { defineConfig } from "vitepress";
import { REPOSITORY } from "../src/folders.ts";
import { filesUrl } from "../src/link/files-url.ts";
import { type LinkSettings, markdownLinks } from "../src/link/markdown-links.ts";
import { writeLlmsFiles } from "../src/llms/write-llms-files.ts";
import { sidebar } from "../src/page/sidebar.ts";
import { NO_PAGES, sitePages } from "../src/page/site-pages.ts";
import { SEARCH_OPTIONS } from "../src/search/search-options.ts";

const pages = sitePages({ generated: true });
const addresses = new Map(pages.map(({ source, address }) => [source, address]));

/** What VitePress tells the Markdown renderer about the file. The search index has no `realPath`. */
interface RenderedFile {
  path?: string;
  realPath?: string;
}

const links: LinkSettings = {
  sourceOf: (env) => {
    const { path, realPath = path } = env as RenderedFile;
    return realPath === undefined ? null : relative(REPOSITORY, realPath).replaceAll("\\", "/");
  },
  addresses,
  exists: (path) => existsSync(join(REPOSITORY, path)),
  filesUrl: filesUrl(readFileSync(join(REPOSITORY, "package.json"), "utf8"), process.env),
};

/** Lets Node find Vue when the pages are rendered. Vite looks for it beside the pages, which have no packages. */
const externalVue = {
  name: "millrace:external-vue",
  enforce: "pre" as const,
  resolveId: (id: string, _importer: string | undefined, { ssr }: { ssr?: boolean }) =>
    ssr === true && /^vue(\/server-renderer)?$/.test(id) ? { id, external: true } : null,
};

export default defineConfig({
  title: "Millrace",
  description: "A durable job queue and cron scheduler on plain PostgreSQL, in TypeScript",
  lang: "en",
  head: [["link", { rel: "icon", href: "data:," }]],
  base: process.env["MILLRACE_DOCS_BASE"] ?? "/",
  srcDir: "..",
  srcExclude: NO_PAGES,
  rewrites: Object.fromEntries(addresses),
  outDir: "./dist",
  cacheDir: "./node_modules/.vitepress",
  ignoreDeadLinks: false,
  metaChunk: true,
  markdown: {
    anchor: { slugify: slug },
    config: (markdown) => {
      // VitePress brings types of markdown-it of its own, of the same release.
      markdownLinks(markdown as never, links);
    },
  },
  // The pages lie outside this package, where Vue is not found by itself.
  vite: { plugins: [externalVue], build: { chunkSizeWarningLimit: 4_000 } },
  themeConfig: {
    nav: [
      { text: "Start", link: "/start" },
      { text: "Guides", link: "/guides/" },
      { text: "Operations", link: "/operations" },
      { text: "Reference", link: "/reference/" },
    ],
    sidebar: sidebar(pages),
    outline: [2, 3],
    search: { provider: "local", options: { miniSearch: { searchOptions: SEARCH_OPTIONS } } },
  },
  buildEnd: ({ outDir }) => {
    if (existsSync(outDir)) writeLlmsFiles(outDir, pages);
  },
});
