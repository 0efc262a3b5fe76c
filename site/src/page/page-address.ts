/** Folders whose files stand at the root of the site. */
const ROOTS = ["docs/", "site/pages/", "site/generated/"];

/** Pages whose address follows no rule. */
const NAMED: Readonly<Record<string, string>> = {
  "README.md": "overview.md",
  "CONTRIBUTING.md": "contributing.md",
  "CHANGELOG.md": "changelog.md",
};

/**
 * Returns where a Markdown file of the repository stands on the site.
 * - `docs/guides/testing.md` is `guides/testing.md`.
 * - `packages/queue/README.md` is `packages/queue.md`.
 *
 * @param source the path from the repository's folder, with `/`
 * @returns the path from the site's root, with `.md`
 */
export function pageAddress(source: string): string {
  const named = NAMED[source];
  if (named !== undefined) return named;
  const root = ROOTS.find((folder) => source.startsWith(folder)) ?? "";
  return source.slice(root.length).replace(/\/README\.md$/, ".md");
}
