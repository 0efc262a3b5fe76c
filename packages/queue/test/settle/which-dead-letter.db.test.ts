import type { JobSettings } from "@millrace/schema/values";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { defineTask, type EnqueueOptions } from "../../src/index.ts";
import { useWorkers } from "../use-workers.ts";
import { deadLetterTools, payloadOf, unique } from "./dead-letter-tools.ts";

const workers = useWorkers();
const { lettersIn, claimed, claimAll, fail } = deadLetterTools(workers);

describe("which dead letter a job has", () => {
  const mourn = defineTask({ name: "mourn", queue: unique(), payload: z.unknown(), run: () => undefined });

  test("may be named by a task, by the name of a task, or by type and queue", async () => {
    const byTask = await claimed({}, { deadLetter: mourn });
    const byName = await claimed({}, { deadLetter: `mourn-${byTask.name}` });

    await fail(byTask.job);
    await fail(byName.job);

    const [letter] = await workers.queue.list({ queue: mourn.queue ?? "" });
    expect(payloadOf(letter).jobId).toBe(byTask.job.id);
    const [other] = await workers.queue.list({ type: `mourn-${byTask.name}` });
    expect(other?.queue).toBe("default");
  });

  async function set(queue: string, deadLetter: JobSettings["deadLetter"]): Promise<void> {
    await workers.pool.query(
      `INSERT INTO millrace.job_queues (name, settings) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET settings = excluded.settings`,
      [queue, JSON.stringify({ deadLetter })],
    );
  }

  test("is its queue's, if the job says nothing; a job that says null has none", async () => {
    const name = unique();
    await set(name, { type: "mourn", queue: `${name}-letters` });
    await workers.queue.enqueueMany([
      { type: name, queue: name },
      { type: name, queue: name, deadLetter: null },
      { type: name, queue: name, deadLetter: { type: "other", queue: `${name}-letters` } },
    ]);
    const jobs = await claimAll(name);

    await fail(...jobs);

    const found = (await lettersIn(`${name}-letters`)).map((job) => [job.type, payloadOf(job).jobId]);
    expect(found.sort()).toEqual([
      ["mourn", jobs[0]?.id],
      ["other", jobs[2]?.id],
    ]);
  });

  test("is none for a dead letter, even if it is in a queue that names one", async () => {
    const name = unique();
    await set(name, { type: "mourn", queue: name });
    await workers.queue.enqueue(name, {}, { queue: name });
    const failAll = async () => {
      const jobs = await claimAll(name);
      await fail(...jobs);
      return jobs.map((job) => job.type);
    };

    expect([await failAll(), await failAll(), await failAll()]).toEqual([[name], ["mourn"], []]);
  });

  test("is none if SQL named one that cannot be enqueued, and the job fails all the same", async () => {
    const bad = [5, "mourn", {}, { type: "" }, { type: "x".repeat(101) }, { type: "t", queue: "" }, [], true];
    const name = unique();
    for (const deadLetter of bad) {
      await workers.pool.query("INSERT INTO millrace.jobs (type, queue, settings) VALUES ('t', $1, $2)", [
        name,
        JSON.stringify({ deadLetter }),
      ]);
    }
    const jobs = await claimAll(name);

    await fail(...jobs);

    const states = await Promise.all(jobs.map((job) => workers.stateOf(job.id)));
    expect(states).toEqual(bad.map(() => "failed"));
    expect(await workers.queue.list({ type: "t", state: "queued" })).toEqual([]);
  });

  test.each([
    [{ deadLetter: "" }, "deadLetter.type"],
    [{ deadLetter: { type: "t", queu: "q" } }, "deadLetter.queu"],
    [{ deadLetter: 5 }, "deadLetter"],
  ])("is refused as %j at the enqueue", async (options, field) => {
    const enqueued = workers.queue.enqueue("t", {}, options as unknown as EnqueueOptions);

    await expect(enqueued).rejects.toMatchObject({ code: "INVALID_JOB", field });
  });
});
