import { defineTask } from "@millrace/queue";
import { defineSchedule } from "@millrace/scheduler";
import { z } from "zod";

export const countWords = defineTask({
  name: "words.count",
  payload: z.object({ text: z.string() }),
  run: ({ text }) => text.split(" ").length,
});

export const countDaily = defineSchedule({
  name: "words.daily",
  cron: "30 6 * * *",
  timezone: "Europe/Berlin",
  task: countWords,
  payload: { text: "one two three" },
});

export const countYearly = defineSchedule({
  name: "words.yearly",
  cron: "@yearly",
  task: countWords,
  payload: { text: "one two three" },
  maxAttempts: 2,
});
