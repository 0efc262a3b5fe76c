import { waitFor } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { LeaseLostError } from "../../src/index.ts";
import { anyTask, heldHandler, useWorkers } from "../use-workers.ts";

const workers = useWorkers();

describe("leases of a running worker", () => {
  test("are renewed while the handler runs, by the database's clock", async () => {
    const held = heldHandler();
    const { id } = await workers.queue.enqueue("long");
    workers.start([anyTask("long", held.run)], { leaseSeconds: 15 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });
    const first = (await workers.queue.get(id)).leaseUntil;

    await waitFor(async () => Number((await workers.queue.get(id)).leaseUntil) > Number(first), {
      description: "the lease is extended",
    });

    held.release();
    await workers.untilState(id, "completed");
  });

  test("once lost, abort the handler with LeaseLost, and nothing it does about the job is written", async () => {
    const held = heldHandler();
    const { id } = await workers.queue.enqueue("stolen");
    const { events } = workers.start([anyTask("stolen", held.runUntilAborted)], { leaseSeconds: 15 });
    await waitFor(() => held.begun.length === 1, { description: "the handler begins" });

    const { leaseToken } = await workers.queue.get(id);
    await workers.pool.query(
      `UPDATE millrace.claims SET lease_token = lease_token + 1, worker_id = 'thief',
         lease_until = now() + interval '1 hour' WHERE $1 = ANY(ids)`,
      [id],
    );

    await waitFor(() => events.some((event) => event.kind === "lease-lost"), {
      description: "the loss is told",
    });
    expect(held.begun[0]?.signal.reason).toBeInstanceOf(LeaseLostError);
    expect(await workers.queue.get(id)).toMatchObject({
      state: "running",
      workerId: "thief",
      leaseToken: leaseToken + 1,
    });
    expect(await workers.queue.attempts(id)).toEqual([]);
  });

  test("that run out under a dead worker are taken back by any other worker", async () => {
    const [dead] = [await workers.queue.enqueue("orphan", {}, { queue: "orphans" })];
    await workers.queue.runs.claim({ queues: ["orphans"], workerId: "dead", limit: 1, leaseSeconds: 5 });
    await workers.pool.query(
      "UPDATE millrace.claims SET lease_until = now() - interval '1 ms' WHERE $1 = ANY(ids)",
      [dead.id],
    );

    workers.start([anyTask("orphan", () => undefined)], { queues: ["orphans"] });

    await workers.untilState(dead.id, "completed");
    expect(await workers.queue.get(dead.id)).toMatchObject({ crashes: 1, attempts: 1 });
  });
});
