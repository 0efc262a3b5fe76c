import { expect, test } from "vitest";
import { resolveLink } from "./resolve-link.ts";

const addresses = new Map([
  ["docs/operations.md", "operations.md"],
  ["docs/guides/index.md", "guides/index.md"],
  ["packages/queue/README.md", "packages/queue.md"],
]);

test.each([
  ["docs/guides/index.md", "../operations.md#backups", "operations.md", "backups"],
  ["docs/operations.md", "../packages/queue", "packages/queue.md", ""],
  ["docs/operations.md", "guides/", "guides/index.md", ""],
  ["docs/operations.md", "#an-incident", "operations.md", "an-incident"],
])("in %s, %s leads to a page", (source, href, address, hash) => {
  expect(resolveLink(source, href, addresses)).toMatchObject({ kind: "page", address, hash });
});

test("what is no page is a file of the repository, and an address with a scheme is external", () => {
  expect(resolveLink("docs/operations.md", "../packages/schema/migrations/", addresses)).toEqual({
    kind: "file",
    path: "packages/schema/migrations",
  });
  expect(resolveLink("docs/operations.md", "https://example.com/a.md", addresses)).toEqual({
    kind: "external",
  });
});
