import GithubSlugger from "github-slugger";
import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: true });

/** Returns the anchors of a Markdown text's headings, as a code host and the site make them. */
export function headingSlugs(text: string): ReadonlySet<string> {
  const slugger = new GithubSlugger();
  const tokens = markdown.parse(text, {});
  return new Set(
    tokens.flatMap((token, at) => {
      const inline = tokens[at + 1];
      if (token.type !== "heading_open" || inline === undefined) return [];
      const words = (inline.children ?? []).map(({ type, content }) =>
        type === "text" || type === "code_inline" ? content : "",
      );
      return [slugger.slug(words.join(""))];
    }),
  );
}
