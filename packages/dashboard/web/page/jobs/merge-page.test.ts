import { describe, expect, test } from "vitest";
import { mergePage } from "./merge-page.ts";

const rows = (text: string) => text.split("").map((id) => ({ id, name: `${id}1` }));
const newer = (text: string) => text.split("").map((id) => ({ id, name: `${id}2` }));

describe("mergePage", () => {
  test("brings rows up to date in their places, and counts new ones", () => {
    const merged = mergePage(rows("cba"), newer("edcb"), { isWhole: false });

    expect(merged.rows.map(({ name }) => name)).toEqual(["c2", "b2", "a1"]);
    expect(merged.added).toBe(2);
  });

  test("marks a row as gone when a row after it is still there", () => {
    const merged = mergePage(rows("dcba"), newer("edb"), { isWhole: false });

    expect([...merged.gone]).toEqual(["c"]);
  });

  test("takes rows after the last known one as pushed out, unless the answer is the whole list", () => {
    expect([...mergePage(rows("cba"), newer("dc"), { isWhole: false }).gone]).toEqual([]);
    expect([...mergePage(rows("cba"), newer("dc"), { isWhole: true }).gone]).toEqual(["b", "a"]);
  });

  test("says nothing of shown rows when the answer has none of them", () => {
    const merged = mergePage(rows("ba"), newer("fe"), { isWhole: false });

    expect([merged.gone.size, merged.added]).toEqual([0, 2]);
  });
});
