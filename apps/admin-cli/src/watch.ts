import { pause } from "@millrace/base";
import { type Command, InvalidArgumentError } from "commander";
import { type CommandDatabase, type CommandHost, type Report, textOf } from "./command-host.ts";
import { jsonLine } from "./output/json.ts";
import { readClock } from "./store/read-clock.sql.ts";
import { openScreen } from "./terminal/screen.ts";

/** The option of a command that may show its answer again and again. */
export interface WatchOptions {
  /** How long to wait between two answers, in ms. */
  watch?: number;
}

/** Adds `--watch` to a command. */
export function addWatch(command: Command): Command {
  return command.option(
    "--watch <seconds>",
    "show the answer again every so many seconds; q or Ctrl-C ends",
    parseSeconds,
  );
}

function parseSeconds(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0.1 && seconds <= 86_400) return seconds * 1_000;
  throw new InvalidArgumentError("Expected seconds, from 0.1 to 86400.");
}

/**
 * Writes a command's answer; with `--watch`, again and again, until the person ends it or nobody reads it any more. On
 * a terminal, each answer takes the place of the one before. With --json, each answer is one line.
 */
export async function answerAndWatch(
  host: CommandHost,
  { watch }: WatchOptions,
  give: (database: CommandDatabase) => Promise<Report>,
): Promise<void> {
  if (watch === undefined) return host.answer(give);
  await host.withDatabase((database) =>
    drawAnew(host, watch, async () => {
      const now = await readClock(database.pool);
      const { json, text } = await give({ ...database, now });
      return host.isJson() ? jsonLine(json) : textOf(text, () => host.view(now));
    }),
  );
}

/** A pause takes at least so many times as long as the frame before it, so that frames do not keep the server busy. */
const PAUSES_PER_FRAME = 4;

/**
 * Draws what `frame` returns every `everyMs`, until the person ends it or nobody reads it any more. After a slow frame,
 * the pause is longer.
 */
export async function drawAnew(
  { io, isJson }: CommandHost,
  everyMs: number,
  frame: () => Promise<string>,
): Promise<void> {
  const onScreen = io.terminal.isOutput && !isJson();
  const quit = io.terminal.listenForQuit();
  const screen = onScreen ? openScreen(io.stdout) : null;
  try {
    while (!quit.signal.aborted) {
      const begunAt = io.clock.now();
      const text = await frame();
      const tookMs = io.clock.now() - begunAt;
      if (quit.signal.aborted) return;
      if (screen === null) io.stdout.write(isJson() ? text : `${text}\n`);
      else screen.draw(text, io.terminal.rows());
      if (!(await io.stdout.drained()) || quit.signal.aborted) return;
      await pause(io.clock, Math.max(everyMs, PAUSES_PER_FRAME * tookMs), quit.signal);
    }
  } finally {
    screen?.close();
    quit.close();
  }
}
