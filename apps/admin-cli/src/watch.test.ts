import { Command } from "commander";
import { expect, test } from "vitest";
import { createCommandHost } from "./command-host.ts";
import type { CommandIo } from "./command-io.ts";
import { drawAnew } from "./watch.ts";

test("the pause after a slow frame is longer, so that the server does other work", async () => {
  const quit = new AbortController();
  const pauses: number[] = [];
  let now = 0;
  const io: CommandIo = {
    ...{ stderr: { write: () => undefined }, env: {}, osUser: () => undefined, now: () => new Date(0) },
    stdout: { write: () => undefined, drained: async () => true },
    stdin: (async function* () {})(),
    clock: {
      now: () => now,
      random: () => 0,
      after(ms, callback) {
        pauses.push(ms);
        queueMicrotask(callback);
        return () => undefined;
      },
    },
    terminal: {
      ...{ isOutput: false, columns: () => undefined, rows: () => undefined },
      listenForQuit: () => ({ signal: quit.signal, close: () => undefined }),
    },
  };
  const tookMs = [10, 1_000];

  await drawAnew(createCommandHost(new Command(), io), 2_000, async () => {
    const took = tookMs.shift();
    if (took === undefined) quit.abort();
    now += took ?? 0;
    return "";
  });

  expect(pauses).toEqual([2_000, 4_000]);
});
