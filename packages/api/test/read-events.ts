/** An event of a stream, as a browser would give it. */
export interface ReceivedEvent {
  name: string;
  data: unknown;
}

/** Reads an event stream as a browser does. */
export interface EventReader {
  /** Waits for the next event; null when the stream has ended. */
  next(): Promise<ReceivedEvent | null>;
  /** Reads events until the stream has ended. */
  rest(): Promise<ReceivedEvent[]>;
  /** Goes away, as a closed page does. */
  leave(): Promise<void>;
}

/** Reads the events of an answer. */
export function readEvents(response: Response): EventReader {
  if (response.body === null) throw new Error(`Status ${response.status} without a body`);
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";

  async function next(): Promise<ReceivedEvent | null> {
    for (;;) {
      const end = text.indexOf("\n\n");
      if (end === -1) {
        const { done, value } = await reader.read();
        if (done) return null;
        text += decoder.decode(value, { stream: true });
        continue;
      }
      const event = parsed(text.slice(0, end));
      text = text.slice(end + 2);
      if (event !== null) return event;
    }
  }
  return {
    next,
    async rest() {
      const events: ReceivedEvent[] = [];
      for (let event = await next(); event !== null; event = await next()) events.push(event);
      return events;
    },
    leave: () => reader.cancel(),
  };
}

/** Comments, and blocks without data, are no events. */
function parsed(block: string): ReceivedEvent | null {
  const data = /^data: (.*)$/m.exec(block)?.[1];
  if (data === undefined) return null;
  return { name: /^event: (.*)$/m.exec(block)?.[1] ?? "message", data: JSON.parse(data) as unknown };
}
