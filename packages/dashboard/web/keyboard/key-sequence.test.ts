import { describe, expect, test } from "vitest";
import { type KeyBinding, stepKeys } from "./key-sequence.ts";

const binding = (keys: string, label = keys): KeyBinding => ({ keys, label, group: "Test", run: () => {} });
const BINDINGS = [binding("g j"), binding("g f"), binding("j"), binding("?")];

/** The labels of the bindings that run while the keys are pressed one by one. */
function press(keys: readonly string[], bindings: readonly KeyBinding[] = BINDINGS): string[] {
  const ran: string[] = [];
  let pending: readonly string[] = [];
  for (const key of keys) {
    const step = stepKeys(pending, key, bindings);
    pending = step.pending;
    if (step.binding !== null) ran.push(step.binding.label);
  }
  return ran;
}

describe("stepKeys", () => {
  test("runs a sequence once its last key is pressed", () => {
    expect(press(["g", "j", "j"])).toEqual(["g j", "j"]);
  });

  test("begins anew with a key that fits no sequence", () => {
    expect(press(["g", "x", "?"])).toEqual(["?"]);
    expect(press(["g", "?"])).toEqual(["?"]);
    expect(press(["g", "g", "f"])).toEqual(["g f"]);
  });

  test("prefers the binding that was added last", () => {
    expect(press(["j"], [...BINDINGS, binding("j", "next row")])).toEqual(["next row"]);
  });
});
