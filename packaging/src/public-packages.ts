import { globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { packInto } from "./packed-package.ts";

const root = resolve(import.meta.dirname, "../..");

/** The folders of the packages that are published, by their names. */
export function publicPackages(): Map<string, string> {
  const manifests = globSync("{packages,apps}/*/package.json", { cwd: root }).sort();
  const folders = new Map<string, string>();
  for (const path of manifests) {
    const { name, private: isPrivate }: { name: string; private?: boolean } = JSON.parse(
      readFileSync(join(root, path), "utf8"),
    );
    if (isPrivate !== true) folders.set(name, join(root, dirname(path)));
  }
  return folders;
}

/** Packs every package that is published, all built, into `folder`. Returns the tarballs by the packages' names. */
export async function packAll(folder: string): Promise<Map<string, string>> {
  const tarballs = new Map<string, string>();
  for (const [name, from] of publicPackages()) {
    const file = join(folder, `${name.replace(/^@/, "").replace("/", "-")}.tgz`);
    await packInto(from, file);
    tarballs.set(name, file);
  }
  return tarballs;
}
