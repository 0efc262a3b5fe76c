import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
const folder = join(import.meta.dirname, "../test/recipes");
const recipes = readdirSync(folder).filter((name) => name !== "start-recipe.ts");

test.each(recipes)("the README has the recipe %s as it is tested", (name) => {
  expect(readme).toContain(`\`\`\`ts\n${readFileSync(join(folder, name), "utf8").trimEnd()}\n\`\`\``);
});
