import type { QueueRow } from "@millrace/api/client";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { askConfirm } from "../../state/confirm.ts";
import { cappedCountText } from "../../text/count-text.ts";
import { withCommand } from "../audit/with-command.ts";

/** Pauses a queue after a question. The message has the undo. */
export async function pauseQueue({ queue, queued }: QueueRow): Promise<void> {
  const isSure = await askConfirm({
    title: `Pause the queue ${queue}?`,
    body: (
      <p>
        Workers end what they run, and claim no more jobs of this queue until it is resumed.{" "}
        {waitText(queued)}
      </p>
    ),
    action: "Pause the queue",
  });
  if (!isSure) return;
  const pause = () => client.queues.pause(queue);
  await act(() => withCommand(pause, "pause", queue), `The queue ${queue} is paused`);
}

/** Resumes a queue after a question: all its due jobs are claimed at once. */
export async function resumeQueue({ queue, due }: QueueRow): Promise<void> {
  const isSure = await askConfirm({
    title: `Resume the queue ${queue}?`,
    body: <p>Workers claim from this queue again. {dueText(due)}</p>,
    action: "Resume the queue",
  });
  if (isSure) await resumeNow(queue);
}

/** Resumes a queue. The message has the undo. */
export async function resumeNow(queue: string): Promise<void> {
  const resume = () => client.queues.resume(queue);
  await act(() => withCommand(resume, "resume", queue), `The queue ${queue} is resumed`);
}

const waitText = (queued: QueueRow["queued"]) =>
  `${cappedCountText(queued, "queued job")} ${queued.count === 1 ? "waits" : "wait"}.`;

const dueText = (due: QueueRow["due"]) =>
  `${cappedCountText(due, "job")} ${due.count === 1 ? "is" : "are"} due now.`;
