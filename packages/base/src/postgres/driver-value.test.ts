import { expect, test } from "vitest";
import { driverValue } from "./driver-value.ts";

test.each([
  [[], "{}"],
  [["a", "b"], '{"a","b"}'],
  [
    ['say "no"', "back\\slash", "a,b", "{}", "", "NULL"],
    '{"say \\"no\\"","back\\\\slash","a,b","{}","","NULL"}',
  ],
  [[1, null, undefined, true], '{"1",NULL,NULL,"true"}'],
  [[new Date(0)], '{"1970-01-01T00:00:00.000Z"}'],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [undefined, null],
  [7, 7],
  ["text", "text"],
])("%j is sent as %j", (value, sent) => {
  expect(driverValue(value)).toBe(sent);
});
