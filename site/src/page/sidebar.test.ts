import { expect, test } from "vitest";
import { pageAddress } from "./page-address.ts";
import { sidebar } from "./sidebar.ts";
import { sitePages } from "./site-pages.ts";

test("each page that people write is in the navigation, once", () => {
  const pages = sitePages({ generated: false });
  const links = sidebar(pages).flatMap(({ items = [] }) => items.map(({ link }) => `${link}.md`));
  const addresses = pages.map(({ address }) => `/${address}`).filter((address) => address !== "/index.md");
  expect(links.sort()).toEqual(addresses.sort());
});

test.each([
  ["README.md", "overview.md"],
  ["docs/guides/testing.md", "guides/testing.md"],
  ["packages/queue/README.md", "packages/queue.md"],
  ["examples/testing-node/README.md", "examples/testing-node.md"],
  ["site/generated/reference/millrace.md", "reference/millrace.md"],
])("%s stands at %s", (source, address) => {
  expect(pageAddress(source)).toBe(address);
});
