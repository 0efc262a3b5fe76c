import MarkdownIt from "markdown-it";

/** A block of code of a Markdown file. */
export interface CodeBlock {
  /** The file, from the repository's folder. */
  source: string;
  /** The line of the file at which the code begins, from 1. */
  line: number;
  /** The language after the three backticks, such as `ts`. Empty if there is none. */
  language: string;
  code: string;
  /** What the comment before the block says about its check. Null without such a comment. */
  check: BlockCheck | null;
}

/** What the comment before a block says about its check. Nobody who reads the page sees the comment. */
export type BlockCheck =
  /** The block is not checked, for this reason. */
  | { kind: "skip"; reason: string }
  /** Declarations that the block needs. They stand before the block. */
  | { kind: "with"; code: string }
  /** The block is a part of something. It takes the place of `$block`. */
  | { kind: "around"; code: string };

/** A comment about a check has a form that is not known. */
export class BlockCheckError extends Error {
  readonly code = "BLOCK_CHECK";
}

const markdown = new MarkdownIt({ html: true });

/** Returns the blocks of code of a Markdown text, in their order. Throws `BlockCheckError`. */
export function codeBlocks(source: string, text: string): CodeBlock[] {
  const tokens = markdown.parse(text, {});
  return tokens.flatMap((token, at) => {
    if (token.type !== "fence") return [];
    const before = tokens[at - 1];
    const line = (token.map?.[0] ?? 0) + 2;
    const comment = before?.type === "html_block" ? before.content : "";
    const [language = ""] = token.info.trim().split(/\s+/);
    return [{ source, line, language, code: token.content, check: checkOf(comment, `${source}:${line}`) }];
  });
}

function checkOf(comment: string, place: string): BlockCheck | null {
  const whole = /^<!-- check: ([\s\S]*)-->\s*$/.exec(comment)?.[1];
  if (whole === undefined) return null;
  const skipped = /^skip, (\S[\s\S]*)$/.exec(whole)?.[1];
  if (skipped !== undefined) return { kind: "skip", reason: skipped.trim() };
  const named = /^(with|around)\n([\s\S]*)$/.exec(whole);
  const code = named?.[2] ?? "";
  if (named?.[1] === "with") return { kind: "with", code };
  if (named?.[1] === "around" && code.includes("$block")) return { kind: "around", code };
  throw new BlockCheckError(
    `${place}: expected "check: skip, REASON", "check: with" and code, or "check: around" and code with $block.`,
  );
}
