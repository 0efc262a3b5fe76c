import type MarkdownIt from "markdown-it";
import { resolveLink } from "./resolve-link.ts";

/** What the links of the site need to know. */
export interface LinkSettings {
  /**
   * Returns the file that is rendered, from the repository's folder. `env` is what VitePress gives the renderer. Null
   * if it renders no file, but a title.
   */
  sourceOf(env: unknown): string | null;
  /** The address of each page on the site, by its source. */
  addresses: ReadonlyMap<string, string>;
  /** The address of a file at the code host, ending with `/`. Null: such links are shown as text. */
  filesUrl: string | null;
  /** Whether the repository has a file or folder. */
  exists(path: string): boolean;
}

/** A link of a page leads nowhere. */
export class DeadLinkError extends Error {
  readonly code = "DEAD_LINK";

  constructor(source: string, href: string) {
    super(`${source} has a link to ${href}, and the repository has no such file. Correct the link.`);
    this.name = "DeadLinkError";
  }
}

/**
 * A plugin of markdown-it that turns the links of the repository's files into links of the site. Links to files that
 * are no pages lead to the code host. Rendering throws `DeadLinkError` for a link to a file that does not exist.
 */
export function markdownLinks(markdown: MarkdownIt, settings: LinkSettings): void {
  markdown.core.ruler.push("millrace-links", (state) => {
    const source = settings.sourceOf(state.env);
    if (source === null) return;
    for (const token of state.tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.type === "link_open" ? token.attrGet("href") : null;
      // A link within its page stays as it is. The anchors of headings are such links, and the search looks for them.
      if (href === null || href.startsWith("#")) continue;
      const target = resolveLink(source, href, settings.addresses);
      if (target.kind === "page") {
        token.attrSet("href", `/${target.address}${target.hash === "" ? "" : `#${target.hash}`}`);
      } else if (target.kind === "file") {
        if (!settings.exists(target.path)) throw new DeadLinkError(source, href);
        token.attrSet("href", settings.filesUrl === null ? "#" : settings.filesUrl + target.path);
        if (settings.filesUrl === null) token.attrSet("class", "repository-file");
      }
    }
  });
}
