import { describe, expect, test } from "vitest";
import { checkIdPrefix, checkIdSuffix, idAt, idBefore, idsWithPrefix } from "./id-part.ts";

const accepted = (check: (option: string, value: unknown) => void, value: unknown) => {
  try {
    check("id", value);
    return true;
  } catch {
    return false;
  }
};

describe("the beginning of an id", () => {
  test.each([
    "0199",
    "0199f7a2",
    "0199f7a2-",
    "0199f7a2-5c",
    "0199F7A2-5C3E-7D41-9B60-3F2A8C1D4E5F",
    "0199f7a25c3e7d419b603f2a8c1d4e5f",
    "0199f7a25c3",
  ])("%s is accepted", (prefix) => {
    expect(accepted(checkIdPrefix, prefix)).toBe(true);
  });

  test.each([
    "",
    "019",
    "0199-f7a2",
    "0199f7a2-5c3e7",
    "-0199f7a2",
    "0199g7a2",
    "0199f7a25c3e7d419b603f2a8c1d4e5f0",
    "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f-",
    7,
    null,
  ])("%j is refused", (prefix) => {
    expect(accepted(checkIdPrefix, prefix)).toBe(false);
  });

  test("is the range of the ids that begin so, with dashes or without", () => {
    const range = {
      first: "0199f7a2-5c30-0000-0000-000000000000",
      last: "0199f7a2-5c3f-ffff-ffff-ffffffffffff",
    };

    expect(idsWithPrefix("0199F7A2-5c3")).toEqual(range);
    expect(idsWithPrefix("0199f7a25c3")).toEqual(range);
  });

  test("of a whole id is that id", () => {
    const id = "0199f7a2-5c3e-7d41-9b60-3f2a8c1d4e5f";

    expect(idsWithPrefix(id)).toEqual({ first: id, last: id });
  });
});

test.each([
  ["0199f7a2-5c30-0000-0000-000000000000", "0199f7a2-5c2f-ffff-ffff-ffffffffffff"],
  ["00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000000"],
  ["00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"],
])("before the id %s comes %s", (id, before) => {
  expect(idBefore(id)).toBe(before);
});

test.each([
  ["470f31", true],
  ["470F", true],
  ["3f2a8c1d4e5f", true],
  ["70f", false],
  ["b3f2a8c1d4e5f", false],
  ["…470f31", false],
  [470, false],
])("as the end of an id, %j is accepted: %j", (suffix, isAccepted) => {
  expect(accepted(checkIdSuffix, suffix)).toBe(isAccepted);
});

test("the first id of a time", () => {
  expect(idAt(0x0199f7a25c3e)).toBe("0199f7a2-5c3e-0000-0000-000000000000");
  expect(idAt(-1)).toBe("00000000-0000-0000-0000-000000000000");
  expect(idAt(Number.MAX_SAFE_INTEGER)).toBe("ffffffff-ffff-0000-0000-000000000000");
});
