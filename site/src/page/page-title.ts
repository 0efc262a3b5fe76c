import MarkdownIt from "markdown-it";

const markdown = new MarkdownIt({ html: true });

/** Returns the first heading of a Markdown text as plain text. Empty if there is none. */
export function pageTitle(text: string): string {
  const frontmatter = /^---\n[\s\S]*?^title: (.+)$[\s\S]*?^---$/m.exec(text.slice(0, 3_000))?.[1];
  return frontmatter ?? plainTextAfter("heading_open", text);
}

/** Returns the first paragraph of a Markdown text as plain text. Empty if there is none. */
export function pageSummary(text: string): string {
  return plainTextAfter("paragraph_open", text.replace(/^---\n[\s\S]*?\n---\n/, ""));
}

function plainTextAfter(type: string, text: string): string {
  const tokens = markdown.parse(text, {});
  const at = tokens.findIndex((token) => token.type === type && token.level === 0);
  const inline = at < 0 ? undefined : tokens[at + 1];
  const parts = (inline?.children ?? []).map(({ type: kind, content }) =>
    kind === "softbreak" || kind === "hardbreak"
      ? " "
      : kind === "text" || kind === "code_inline"
        ? content
        : "",
  );
  return parts.join("").trim();
}
