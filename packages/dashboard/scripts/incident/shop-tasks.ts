import { type AnyTask, defineTask, Fatal } from "@millrace/queue";
import { z } from "zod";

/** The provider that sends the shop's mails. */
export interface MailProvider {
  isUp: boolean;
}

/** How the stacks of the shop's errors look: no path of this machine gets into a picture. */
const STACKS = {
  mail: "    at connect (file:///srv/shop/tasks/smtp.ts:31:13)\n    at send (file:///srv/shop/tasks/smtp.ts:12:9)",
  charge: "    at charge (file:///srv/shop/tasks/charge.ts:24:11)",
  resize: "    at decode (file:///srv/shop/tasks/resize.ts:8:11)",
} as const;

const withStack = <E extends Error>(error: E, stack: string): E => {
  error.stack = `${error.name}: ${error.message}\n${stack}`;
  return error;
};

const mail = z.object({ order: z.int(), to: z.string() });

/** The tasks of a shop. What they do is over in a moment, but for the report, which takes until `reportMayEnd`. */
export function shopTasks(provider: MailProvider, reportMayEnd: Promise<void>): readonly AnyTask[] {
  const send = ({ order, to }: z.infer<typeof mail>) => {
    if (!provider.isUp) {
      const refused = Object.assign(new Error("connect ECONNREFUSED 10.0.4.7:587"), { code: "ECONNREFUSED" });
      throw withStack(refused, STACKS.mail);
    }
    // A retry does not mend an address.
    if (!to.includes("@")) throw withStack(new Fatal(`550 no such mailbox: order ${order}`), STACKS.mail);
    return { messageId: `m-${order}` };
  };
  return [
    defineTask({
      name: "send-receipt",
      payload: mail,
      queue: "mail",
      // The first failure of each job is final in less than a second, so that the incident need not take long.
      maxAttempts: 3,
      backoff: { baseMs: 100, jitterMs: 50 },
      run: send,
    }),
    defineTask({
      name: "send-invoice",
      payload: mail,
      queue: "mail",
      backoff: { baseMs: 240_000, jitterMs: 60_000 },
      run: send,
    }),
    defineTask({
      name: "charge",
      payload: z.object({ order: z.int(), cents: z.int() }),
      queue: "billing",
      run({ order, cents }) {
        if (cents > 100_000) {
          throw withStack(new Fatal(`The card was declined: order ${order}`), STACKS.charge);
        }
        return { charged: cents };
      },
    }),
    defineTask({
      name: "resize",
      payload: z.object({ image: z.string() }),
      queue: "images",
      run({ image }) {
        if (image.endsWith(".heic")) throw withStack(new Fatal("Unknown image format: heic"), STACKS.resize);
        return { width: 640 };
      },
    }),
    defineTask({
      name: "report",
      payload: z.object({ month: z.string() }),
      queue: "reports",
      async run(_payload, { progress }) {
        await progress({ done: 1_240, total: 3_100 });
        await reportMayEnd;
      },
    }),
  ];
}
