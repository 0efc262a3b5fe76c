import { machineLine } from "../machine.ts";
import type { Results } from "../results.ts";

/** Writes the text above the tables: the machine, the servers, and each peer's configuration. */
export function reportHead(results: Results): string {
  const sizes = Object.entries(results.sizes).map(
    ([name, value]) => `${name} ${typeof value === "object" ? JSON.stringify(value) : value}`,
  );
  const peers = results.peers.map((peer) =>
    [`${peer.label} [${peer.id}]: ${peer.configuration}`, ...peer.notes.map((note) => `    ${note}`)].join(
      "\n",
    ),
  );
  return [
    `Started ${results.startedAt}`,
    machineLine(results.machine),
    ...results.servers,
    `Sizes: ${sizes.join(", ")}`,
    "",
    "Every peer has the same server, the same payload and a fresh database for each run; every handler does nothing",
    "unless the case says otherwise. Ratios are medians by medians. A drain that reaches its limit is cut off there.",
    "",
    ...peers,
  ].join("\n");
}
