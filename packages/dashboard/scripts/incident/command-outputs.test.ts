import { expect, test } from "vitest";
import { withOutputs } from "./command-outputs.ts";

const page = (first: string, second: string) =>
  `# A page\n\n<!-- output: first -->\n\`\`\`console\n${first}\n\`\`\`\n\nBetween\n\n` +
  `<!-- output: second -->\n\`\`\`console\n${second}\n\`\`\`\n\n\`\`\`sh\nleft alone\n\`\`\`\n`;

test("an output stands in the place of the one before, and all else stays", () => {
  const outputs = new Map([
    ["first", "$ millrace top\n$& and $1"],
    ["second", "$ millrace undo\ndone"],
  ]);

  const written = withOutputs(page("old", "older"), outputs);

  expect(written).toBe(page("$ millrace top\n$& and $1", "$ millrace undo\ndone"));
  expect(withOutputs(written, outputs)).toBe(written);
});

test("a name without an output and an output without a place are errors", () => {
  expect(() => withOutputs(page("", ""), new Map([["first", "1"]]))).toThrow('"second"');
  const three = new Map(["first", "second", "third"].map((name) => [name, "1"]));
  expect(() => withOutputs(page("", ""), three)).toThrow("third");
});
