import { defineTask } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { z } from "zod";

export const measure = defineTask({
  name: "text.measure",
  payload: z.object({ text: z.string().min(3) }),
  run: ({ text }) => text.length,
});

export const unfit = defineSchedule({ name: "unfit", cron: "@daily", task: measure, payload: { text: "" } });
