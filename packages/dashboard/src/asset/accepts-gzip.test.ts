import { expect, test } from "vitest";
import { acceptsGzip } from "./accepts-gzip.ts";

test.each([
  [null, false],
  ["", false],
  ["gzip", true],
  ["deflate, GZIP;q=0.5, br", true],
  ["*", true],
  ["br", false],
  ["gzip;q=0", false],
  ["gzip; q=0.000, *", false],
  ["gzip;q=nonsense", false],
  ["xgzip", false],
])("accept-encoding %j: %j", (header, accepted) => {
  expect(acceptsGzip(header)).toBe(accepted);
});
