import { type Clock, pause } from "@millrace/base";
import { type AnyTask, Cancel, defineTask, Fatal, Snooze } from "@millrace/queue";
import { z } from "zod";
import { orderTask } from "./shop-orders.ts";

/** How long the shop's jobs are kept after their end: an hour, so that a demo that runs for days stays small. */
const RETENTION_MS = 3_600_000;

const common = { retentionMs: RETENTION_MS, maxAttempts: 3, backoff: { baseMs: 3_000, jitterMs: 500 } };

/** Thrown when the mail server asks to try again. */
class MailboxBusyError extends Error {
  override readonly name = "MailboxBusyError";
  readonly smtp = 450;
}

/** Thrown when the bank refuses a payment. No further attempt would be of use. */
class CardDeclinedError extends Fatal {
  override readonly name = "CardDeclinedError";
}

/**
 * The tasks of a shop that does not exist. They do no work but wait, and end in every way in which a job can end, so
 * that there is something to see in the dashboard.
 */
export function shopTasks(clock: Clock): readonly AnyTask[] {
  return [orderTask, mailTask, newsletterTask, chargeTask, resizeTask, reportTask].map((task) => task(clock));
}

function mailTask(clock: Clock) {
  return defineTask({
    ...common,
    name: "mail.send",
    payload: z.strictObject({ to: z.string(), template: z.string() }),
    async run({ to, template }, { signal }) {
      await work(clock, 80 + clock.random() * 500, signal);
      if (clock.random() < 0.1) throw new MailboxBusyError(`450 4.2.1 The mailbox of ${to} is busy`);
      if (clock.random() < 0.03) throw new Fatal(`550 5.1.1 No such user: ${to}`);
      return { template, accepted: [to] };
    },
  });
}

function newsletterTask(clock: Clock) {
  return defineTask({
    ...common,
    name: "newsletter.send",
    payload: z.strictObject({ issue: z.int(), group: z.int() }),
    run: (_payload, { signal }) => work(clock, 300, signal),
  });
}

function chargeTask(clock: Clock) {
  return defineTask({
    ...common,
    name: "card.charge",
    payload: z.strictObject({
      order: z.int(),
      cents: z.int(),
      card: z.strictObject({ number: z.string(), holder: z.string() }),
    }),
    async run({ order, cents }, { signal }) {
      await work(clock, 150 + clock.random() * 900, signal);
      if (clock.random() < 0.08)
        throw new CardDeclinedError(`Order ${order}: the bank declined ${cents / 100} EUR`);
      if (clock.random() < 0.04) throw new Cancel(`Order ${order} was withdrawn`);
      return { order, charged: cents };
    },
  });
}

function resizeTask(clock: Clock) {
  return defineTask({
    ...common,
    name: "image.resize",
    payload: z.strictObject({ path: z.string(), widths: z.array(z.int()) }),
    async run({ widths }, { signal, attempt }) {
      if (attempt === 1 && clock.random() < 0.1) throw new Snooze(5_000, "The upload has not ended yet.");
      await work(clock, 400 + clock.random() * 1_500, signal);
      return { written: widths.length };
    },
  });
}

function reportTask(clock: Clock) {
  return defineTask({
    ...common,
    name: "report.render",
    payload: z.strictObject({ title: z.string(), pages: z.int().min(1) }),
    async run({ pages }, { signal, progress }) {
      for (let done = 0; done < pages; done++) {
        await progress({ done, total: pages });
        await work(clock, 1_000, signal);
      }
      await progress({ done: pages, total: pages });
      return { pages, bytes: pages * 48_213 };
    },
  });
}

/** Waits as long as work would take. Throws the reason when the run must end. */
async function work(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await pause(clock, ms, signal);
  signal.throwIfAborted();
}
