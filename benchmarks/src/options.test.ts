import { describe, expect, test } from "vitest";
import { adapterOf } from "./adapters/registry.ts";
import { parseOptions } from "./options.ts";
import { STANDARD, sizesOf } from "./sizes.ts";

const STANDARD_CASES = Object.entries(STANDARD.perCase);

const ids = (args: string[]) => parseOptions(args)?.cases.map((each) => each.id);

describe("parseOptions", () => {
  test("a quick run leaves out the long cases, unless one is named", () => {
    expect(ids(["--quick"])).toEqual(["a", "b", "c", "h", "i"]);
    expect(ids(["--quick", "--only", "d"])).toEqual(["d"]);
  });

  test("a full run has every case", () => {
    expect(ids([])).toEqual(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"]);
  });

  test("a standard run has every case, and leaves out the peers that take long", () => {
    const options = parseOptions(["--standard"]);

    expect(ids(["--standard"])).toEqual(ids([]));
    expect(options?.out).toBe("standard");
    expect(options?.adapters.map((adapter) => adapter.id)).toEqual([
      "millrace",
      "millrace-tuned",
      "graphile-batched",
      "pg-boss",
      "bullmq-redis",
      "floor-1",
      "floor-2",
    ]);
  });

  test.each(STANDARD_CASES)("the peers of the standard case %s can be measured", (_, { peers }) => {
    for (const peer of peers ?? []) expect(adapterOf(peer).id).toBe(peer);
  });

  test("only the standard benchmark as it is renews the page", () => {
    const renews = (...args: string[]) => parseOptions(args)?.renewsPage;

    expect(renews("--standard")).toBe(true);
    expect(renews("--standard", "--out", "other")).toBe(true);
    expect(renews("--standard", "--only", "a")).toBe(false);
    expect(renews("--standard", "--rounds", "1")).toBe(false);
    expect(renews("--standard", "--peers", "millrace")).toBe(false);
    expect(renews("--quick")).toBe(false);
    expect(renews()).toBe(false);
  });

  test("what the command line says holds for a case with sizes of its own, too", () => {
    const sizes = parseOptions(["--standard", "--rounds", "1", "--jobs", "7", "--peers", "millrace"])?.sizes;

    expect(sizes === undefined ? undefined : sizesOf(sizes, "a")).toMatchObject({
      rounds: 1,
      drainJobs: 7,
      peers: ["millrace"],
    });
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
    [["--standard", "--quick"], /exclude each other/],
  ])("%j is refused with what would do", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
