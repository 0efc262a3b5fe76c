import { expect, test } from "vitest";
import { bytesText } from "./bytes-text.ts";

test.each([
  [0, "0 bytes"],
  [1_023, "1023 bytes"],
  [1_024, "1 kB"],
  [1_536, "1.5 kB"],
  [40_960, "40 kB"],
  [1_610_612_736, "1.5 GB"],
  [1.5 * 1_024 ** 5, "1536 TB"],
])("%d bytes are %s", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});
