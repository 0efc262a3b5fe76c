import { EventEmitter } from "node:events";
import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import { processTerminal, type TerminalProcess } from "./process-terminal.ts";

interface FakeProcess {
  readonly host: TerminalProcess;
  readonly stdin: PassThrough;
  readonly stderr: PassThrough;
  readonly signals: EventEmitter;
  readonly raw: boolean[];
}

function fakeProcess(isTTY: boolean): FakeProcess {
  const signals = new EventEmitter();
  const raw: boolean[] = [];
  const setRawMode = (on: boolean) => void raw.push(on);
  const stdin = Object.assign(new PassThrough(), isTTY ? { isTTY, setRawMode } : {});
  const stdout = Object.assign(new PassThrough(), isTTY ? { isTTY, columns: 120, rows: 40 } : {});
  const stderr = Object.assign(new PassThrough(), isTTY ? { isTTY } : {});
  const on = signals.on.bind(signals);
  const off = signals.off.bind(signals);
  // The boundary: streams that have what a terminal uses of them.
  const host = { stdin, stdout, stderr, on, off } as unknown as TerminalProcess;
  return { host, stdin, stderr, signals, raw };
}

describe("a terminal", () => {
  test("has a size, and a person to ask", async () => {
    const { host, stdin, stderr } = fakeProcess(true);
    const terminal = processTerminal(host);

    expect([terminal.isOutput, terminal.columns(), terminal.rows()]).toEqual([true, 120, 40]);
    const answer = terminal.ask?.("Sure? ");
    stdin.write("yes\n");
    expect(await answer).toBe("yes");
    expect(String(stderr.read())).toContain("Sure? ");
  });

  test("an input that ends is an empty answer", async () => {
    const { host, stdin } = fakeProcess(true);

    const answer = processTerminal(host).ask?.("Sure? ");
    stdin.end();

    expect(await answer).toBe("");
  });

  test.each(["q", "Q", "\u0003"])("the key %j ends a command, and the keyboard is given back", (key) => {
    const { host, stdin, signals, raw } = fakeProcess(true);
    const quit = processTerminal(host).listenForQuit();

    stdin.emit("data", Buffer.from("x"));
    expect(quit.signal.aborted).toBe(false);
    stdin.emit("data", Buffer.from(key));
    expect(quit.signal.aborted).toBe(true);
    quit.close();

    expect(raw).toEqual([true, false]);
    expect(stdin.listenerCount("data")).toBe(0);
    expect(signals.eventNames()).toEqual([]);
  });
});

describe("no terminal", () => {
  test("has no size, and nobody to ask", () => {
    const terminal = processTerminal(fakeProcess(false).host);

    expect([terminal.isOutput, terminal.columns(), terminal.rows(), terminal.ask]).toEqual([
      false,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test.each(["SIGINT", "SIGTERM", "SIGHUP"])("the signal %s ends a command", (signal) => {
    const { host, signals } = fakeProcess(false);
    const quit = processTerminal(host).listenForQuit();

    signals.emit(signal);

    expect(quit.signal.aborted).toBe(true);
    quit.close();
    expect(signals.eventNames()).toEqual([]);
  });
});
