import { expect, test } from "vitest";
import { allBlocks } from "./write-programs.ts";

test.for(allBlocks().filter(({ language }) => language === "json"))(
  "the JSON at $source:$line can be read",
  ({ code }) => {
    expect(() => JSON.parse(code)).not.toThrow();
  },
);
