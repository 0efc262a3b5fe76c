import { describe, expect, test } from "vitest";
import { eventFrame, HEARTBEAT, lastFrame } from "./event-frame.ts";
import { openEventStream } from "./event-stream.ts";

const decoder = new TextDecoder();

async function textsOf(body: ReadableStream<Uint8Array>): Promise<string[]> {
  const texts: string[] = [];
  for await (const chunk of body) texts.push(decoder.decode(chunk));
  return texts;
}

function open() {
  const client = new AbortController();
  const closes: string[] = [];
  const stream = openEventStream(client.signal, () => closes.push("closed"));
  return { client, closes, stream };
}

describe("an event stream", () => {
  test("has the events in order, and closes once", async () => {
    const { stream, closes } = open();

    stream.send(eventFrame({ text: "a\nb\r\u2028c" }));
    stream.beat();
    stream.end(lastFrame({ reason: "ended" }, "end"));
    stream.end();

    expect(await textsOf(stream.body)).toEqual([
      "retry: 3000\n\n",
      'data: {"text":"a\\nb\\r\u2028c"}\n\n',
      ":\n\n",
      'retry: 86400000\nevent: end\ndata: {"reason":"ended"}\n\n',
    ]);
    expect(closes).toEqual(["closed"]);
  });

  test("keeps only the newest state for a client that does not read", async () => {
    const { stream } = open();

    for (let n = 1; n <= 1_000; n += 1) stream.send(eventFrame(n));
    stream.end();

    expect(await textsOf(stream.body)).toEqual([
      "retry: 3000\n\n",
      "data: 1\n\n",
      "data: 2\n\n",
      "data: 3\n\n",
      "data: 1000\n\n",
    ]);
  });

  test("gives the newest state to a client that reads again", async () => {
    const { stream } = open();
    for (let n = 1; n <= 9; n += 1) stream.send(eventFrame(n));

    const reader = stream.body.getReader();
    const texts: string[] = [];
    for (let n = 0; n < 5; n += 1) texts.push(decoder.decode((await reader.read()).value));

    expect(texts.at(-1)).toBe("data: 9\n\n");
    stream.send(eventFrame(10));
    expect(decoder.decode((await reader.read()).value)).toBe("data: 10\n\n");
  });

  test("ends when the client takes no heartbeat any more, and not before", () => {
    const { stream, closes } = open();
    for (let n = 1; n <= 4; n += 1) stream.send(eventFrame(n));

    for (let n = 0; n < 3; n += 1) stream.beat();
    expect(closes).toEqual([]);
    stream.beat();
    expect(closes).toEqual(["closed"]);
  });

  test("stays for a client that reads slowly", async () => {
    const { stream, closes } = open();
    const reader = stream.body.getReader();

    for (let n = 0; n < 20; n += 1) {
      stream.beat();
      stream.send(eventFrame(n));
      await reader.read();
    }

    expect(closes).toEqual([]);
    expect(HEARTBEAT).toEqual(new TextEncoder().encode(":\n\n"));
  });

  test("ends after a quarter of an hour, so that the client has to ask for access again", async () => {
    const { stream, closes } = open();
    const reader = stream.body.getReader();

    for (let n = 1; n < 60; n += 1) {
      stream.beat();
      await reader.read();
    }
    expect(closes).toEqual([]);
    stream.beat();

    expect(closes).toEqual(["closed"]);
  });

  test("ends when the request is aborted, and takes nothing more", async () => {
    const { client, stream, closes } = open();

    client.abort();
    stream.send(eventFrame(1));
    stream.beat();

    expect(closes).toEqual(["closed"]);
    expect(await textsOf(stream.body)).toEqual(["retry: 3000\n\n"]);
  });

  test("ends when the client cancels the body", async () => {
    const { stream, closes } = open();

    await stream.body.cancel();
    stream.send(eventFrame(1));
    stream.end();

    expect(closes).toEqual(["closed"]);
  });

  test("of a request that was aborted before is closed", async () => {
    const client = new AbortController();
    client.abort();
    const { body } = openEventStream(client.signal, () => {});

    expect(await textsOf(body)).toEqual(["retry: 3000\n\n"]);
  });
});
