import { defineTask } from "@millrace/queue";
import { z } from "zod";

/** The route enqueues this task, and the worker runs it. */
export const sendReceipt = defineTask({
  name: "send-receipt",
  payload: z.object({ email: z.email(), total: z.number() }),
  run: async ({ email, total }) => ({ told: `${email} paid ${total}` }),
});
