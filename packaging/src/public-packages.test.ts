import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { publicPackages } from "./public-packages.ts";

test.each([...publicPackages()])("`pnpm check` checks the package %s", (_name, folder) => {
  const { scripts } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

  expect(scripts["package:check"]).toBe("node ../../packaging/src/check-package.ts");
});
