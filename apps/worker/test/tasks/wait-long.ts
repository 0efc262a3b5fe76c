import { defineTask } from "@millrace/queue";
import { z } from "zod";

/** Ends only by its abort. */
export const waitLong = defineTask({
  name: "wait.long",
  payload: z.object({}),
  run: (_payload, { signal }) =>
    new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
});
