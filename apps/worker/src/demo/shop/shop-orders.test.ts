import { expect, test } from "vitest";
import { jobsOfAnOrder } from "./shop-orders.ts";
import { shopTasks } from "./shop-tasks.ts";
import { SHOP_QUEUES } from "./shop-workload.ts";

const clock = (random: () => number) => ({ now: () => 0, after: () => () => undefined, random });

test.each([0, 0.25, 0.5, 0.999])(
  "the jobs of an order have tasks, queues and fit payloads (random %d)",
  async (at) => {
    const tasks = shopTasks(clock(() => at));
    const jobs = jobsOfAnOrder({ random: () => at });

    expect(jobs.length).toBeGreaterThanOrEqual(3);
    for (const { type, queue = "", payload } of jobs) {
      const task = tasks.find((each) => each.name === type);
      expect(SHOP_QUEUES).toContain(queue);
      await expect(task?.check(payload as never)).resolves.toEqual(payload);
    }
  },
);
