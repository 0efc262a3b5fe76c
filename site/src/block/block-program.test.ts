import { expect, test } from "vitest";
import { blockProgram } from "./block-program.ts";
import { BlockCheckError, codeBlocks } from "./code-block.ts";

const EXPORTED = new Map([
  ["createQueue", "@millrace/queue"],
  ["pg", "pg"],
]);

function programOf(markdown: string) {
  const [block] = codeBlocks("page.md", markdown);
  if (block === undefined) throw new Error("the Markdown has no block of code");
  return { block, program: blockProgram(block, EXPORTED) };
}

test("names of packages are imported, unless the block imports or declares them", () => {
  expect(programOf("```ts\ncreateQueue(new pg.Pool());\n```\n").program.text).toContain(
    'import { createQueue } from "@millrace/queue";\nimport pg from "pg";\n',
  );
  expect(programOf("```ts\nconst createQueue = 1;\n```\n").program.text).not.toContain("@millrace");
  expect(programOf('```ts\nimport { createQueue } from "./mine.ts";\n```\n').program.text).not.toContain(
    "@millrace",
  );
  expect(programOf("```ts\nit.createQueue();\n```\n").program.text).not.toContain("@millrace");
});

test("a line of the program is found again in the Markdown", () => {
  const { block, program } = programOf("# Page\n\n<!-- check: with\nconst a = 1;\n-->\n```ts\na;\n```\n");
  expect(block.line).toBe(7);
  expect(program.text.split("\n")[program.linesBefore]).toBe("a;");
});

test("a block may take a place within code that nobody sees", () => {
  const { program } = programOf("<!-- check: around\nf({ $block });\n-->\n```ts\nx: 1,\n```\n");
  expect(program.text).toContain("f({ x: 1,\n });");
});

test("the first line names the file of a block", () => {
  expect(programOf("```ts\n// src/tasks.ts\n```\n").program.name).toBe("src/tasks.ts");
  expect(programOf("```ts\nx;\n```\n").program.name).toBe("line-2.ts");
});

test("a comment about a check says why a block is not checked, and has no other form", () => {
  expect(codeBlocks("page.md", "<!-- check: skip, it is a sketch -->\n```ts\n?\n```\n")[0]?.check).toEqual({
    kind: "skip",
    reason: "it is a sketch",
  });
  expect(() => codeBlocks("page.md", "<!-- check: skip -->\n```ts\n?\n```\n")).toThrow(BlockCheckError);
});
