import { defineTask, Fatal } from "@millrace/queue";
import { z } from "zod";

export const addNumbers = defineTask({
  name: "numbers.add",
  payload: z.object({ numbers: z.array(z.number()), sum: z.number() }),
  run({ numbers, sum }) {
    const found = numbers.reduce((total, number) => total + number, 0);
    if (found !== sum) throw new Fatal(`The sum is ${found}.`);
  },
});
