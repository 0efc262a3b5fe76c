import { defineTask, type Task } from "@millrace/queue";
import type { Pool } from "pg";
import { z } from "zod";

/** The tasks of the application. */
export interface Tasks {
  readonly resizeImage: Task<{ imageId: number; width: number }>;
}

/** Makes the tasks. They may use whatever Nest injects into their module. */
export const createTasks = (pool: Pool): Tasks => ({
  resizeImage: defineTask({
    name: "resize-image",
    payload: z.object({ imageId: z.number(), width: z.number().int().positive() }),
    async run({ imageId, width }) {
      await pool.query("UPDATE images SET width = $2 WHERE id = $1", [imageId, width]);
    },
  }),
});
