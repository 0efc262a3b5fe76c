/** Tags as people write them, with commas between them. A backslash makes a comma, or a backslash, a part of a tag. */
export function tagsText(tags: readonly string[]): string {
  return tags.map((tag) => tag.replace(/[,\\]/g, "\\$&")).join(", ");
}

/** The tags of a text that people write, with commas between them. Each tag once. */
export function tagsOf(text: string): string[] {
  const parts = text.match(/(?:\\[\s\S]|[^,\\])+/g) ?? [];
  const tags = parts.map((part) => part.trim().replace(/\\([\s\S])/g, "$1"));
  return [...new Set(tags.filter((tag) => tag !== ""))];
}
