import { describe, expect, it } from "vitest";
import { StressUsageError, stressOptions } from "./stress-options.ts";

describe("stressOptions", () => {
  it("runs ten rounds of every package when nothing is said, from a seed of its own", () => {
    expect(stressOptions([], 77)).toEqual({ rounds: 10, seed: 77, packages: [] });
  });

  it("takes rounds, a seed and any number of packages, with or without their scope", () => {
    const args = ["--rounds", "3", "--seed=41", "--package", "queue", "--package=@millrace/schema"];

    expect(stressOptions(args, 77)).toEqual({ rounds: 3, seed: 41, packages: ["queue", "schema"] });
  });

  it("passes over the `--` that a package manager puts in front", () => {
    expect(stressOptions(["--", "--rounds", "1"], 77)).toMatchObject({ rounds: 1 });
  });

  it("keeps a random seed within what may be given again", () => {
    const { seed } = stressOptions([], 2 ** 40 + 5);

    expect(stressOptions(["--seed", String(seed)], 0)).toMatchObject({ seed });
  });

  it.each([
    [["--rounds", "0"], /--rounds takes an integer from 1/],
    [["--rounds", "many"], /found many/],
    [["--rounds", "1.5"], /found 1\.5/],
    [["--seed", "-1"], /--seed/],
    [["--sed", "1"], /--sed/],
    [["queue"], /queue/],
  ])("refuses %j", (args, message) => {
    expect(() => stressOptions(args, 77)).toThrow(StressUsageError);
    expect(() => stressOptions(args, 77)).toThrow(message);
  });
});
