import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Page } from "playwright-core";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What is wrong with a page, one line each: it scrolls sideways, or axe finds what keeps people from using it. */
export async function pageProblems(page: Page): Promise<string[]> {
  return [...(await layoutProblems(page)), ...(await axeViolations(page))];
}

/** What is wrong with a page's layout. */
export async function layoutProblems(page: Page): Promise<string[]> {
  const sideways = await sidewaysScroll(page);
  return sideways === 0 ? [] : [`scrolls sideways by ${sideways} px`];
}

/** By how many pixels a page is wider than its window. */
function sidewaysScroll(page: Page): Promise<number> {
  return page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}

/** What axe finds, one line each. The debugger evaluates axe, so that the page's policy need not allow axe. */
async function axeViolations(page: Page): Promise<string[]> {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate<AxeResults>("axe.run({ resultTypes: ['violations'] })");
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 200)}`),
  );
}
