import { publint } from "publint";
import { formatMessage } from "publint/utils";
import type { PackedPackage } from "../packed-package.ts";

/** Asks publint, whose suggestions count as well. */
export async function publintProblems({ tarball }: PackedPackage): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(tarball).buffer } });
  return messages.map((message) => {
    const said = formatMessage(message, pkg, { color: false }) ?? message.code;
    return `publint (${message.type}): ${said}`;
  });
}
