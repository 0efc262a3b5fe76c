import type { Schedule } from "@millrace/api/client";
import { act } from "../../state/act.ts";
import { client } from "../../state/client.ts";
import { askConfirm } from "../../state/confirm.ts";
import { shortId } from "../../text/short-id.ts";
import { withCommand } from "../audit/with-command.ts";

/** Lets a schedule tick again, from now on. */
export async function enableSchedule({ name }: Schedule): Promise<void> {
  const enable = () => client.schedules.enable(name);
  await act(() => withCommand(enable, "schedules.enable", name), `The schedule ${name} is enabled`);
}

/** Stops a schedule's ticks, after a question. */
export async function disableSchedule({ name }: Schedule): Promise<void> {
  const isSure = await askConfirm({
    title: `Disable the schedule ${name}?`,
    body: (
      <p>
        No tick fires until the schedule is enabled again. Jobs that ticks have enqueued run as they would.
      </p>
    ),
    action: "Disable the schedule",
  });
  if (!isSure) return;
  const disable = () => client.schedules.disable(name);
  await act(() => withCommand(disable, "schedules.disable", name), `The schedule ${name} is disabled`);
}

/** Enqueues a job of a schedule now, beside its ticks. */
export async function runSchedule({ name }: Schedule): Promise<void> {
  await act(
    () => client.schedules.runNow(name),
    ({ id }) => `The job ${shortId(id)} of ${name} is enqueued`,
    ({ id }) => ({ text: "See the job", path: `/jobs/${id}` }),
  );
}

/** Deletes a schedule, after a question. `onDeleted` is called before other pages read anew. */
export async function deleteSchedule({ name, declared }: Schedule, onDeleted: () => void): Promise<void> {
  const isSure = await askConfirm({
    title: `Delete the schedule ${name}?`,
    body: (
      <>
        <p>The schedule and the list of its ticks are gone for good. There is no undo. Its jobs stay.</p>
        {declared ? <p>Code declares this schedule: the code creates it again when it starts.</p> : null}
      </>
    ),
    action: "Delete the schedule",
    danger: true,
  });
  if (!isSure) return;
  await act(async () => {
    await client.schedules.delete(name);
    onDeleted();
  }, `The schedule ${name} is deleted`);
}
