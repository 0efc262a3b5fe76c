import type { Command } from "commander";
import { type CommandDatabase, type CommandHost, textOf } from "../command-host.ts";
import { readClock } from "../store/read-clock.sql.ts";
import { readTopFrame, type TopFrame, topJson } from "../top/top-frame.ts";
import { topText } from "../top/top-text.ts";
import { drawAnew } from "../watch.ts";

/** How long a frame stays, in ms. */
const FRAME_MS = 2_000;

/** Adds `millrace top`. */
export function addTop(parent: Command, host: CommandHost): void {
  parent
    .command("top")
    .description(
      "show live what is queued, running and failed; q or Ctrl-C ends; without a terminal, shows it once",
    )
    .option("--once", "show it once")
    .action(async ({ once = false }: { once?: boolean }) => {
      if (once || host.isJson() || !host.io.terminal.isOutput) return host.answer(showOnce);
      await host.withDatabase((database) => showLive(host, database));
    });
}

async function showOnce(database: CommandDatabase) {
  const frame = await readTopFrame(database, null);
  return {
    json: topJson(frame),
    text: (view: Parameters<typeof topText>[0]) => topText(view, frame, database.location),
  };
}

async function showLive(host: CommandHost, database: CommandDatabase): Promise<void> {
  let before: TopFrame | null = null;
  await drawAnew(host, FRAME_MS, async () => {
    const now = await readClock(database.pool);
    const frame: TopFrame = await readTopFrame({ ...database, now }, before);
    before = frame;
    return textOf(
      (view) => topText(view, frame, database.location),
      () => host.view(now),
    );
  });
}
