import { describe, expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const ids = (args: string[]) => parseOptions(args)?.cases.map((each) => each.id);

describe("parseOptions", () => {
  test("a quick run leaves out the long cases, unless one is named", () => {
    expect(ids(["--quick"])).toEqual(["a", "b", "c", "h", "i"]);
    expect(ids(["--quick", "--only", "d"])).toEqual(["d"]);
  });

  test("a full run has every case", () => {
    expect(ids([])).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i"]);
  });

  test("peers are taken in the order given", () => {
    const options = parseOptions(["--peers", "graphile-batched, millrace"]);

    expect(options?.adapters.map((adapter) => adapter.id)).toEqual(["graphile-batched", "millrace"]);
  });

  test.each([
    [["--only", "z"], /no case "z"; there are a, b/],
    [["--peers", "bull"], /no peer "bull"; there are millrace/],
    [["--rounds", "0"], /--rounds takes a whole number from 1, not "0"/],
    [["--out", "../x"], /--out takes a plain file name/],
  ])("%j is refused with what would do", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
