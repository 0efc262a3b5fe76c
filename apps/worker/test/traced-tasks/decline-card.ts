import { defineTask, Fatal } from "@millrace/queue";
import { z } from "zod";

export const declineCard = defineTask({
  name: "card.decline",
  payload: z.object({ card: z.object({ number: z.string(), type: z.string() }) }),
  run({ card }, { logger }) {
    logger.info({ order: { card } }, "asked");
    throw new Fatal(`The card ${card.number} (${card.type}) was declined.`);
  },
});
