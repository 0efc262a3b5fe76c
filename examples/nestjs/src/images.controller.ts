import type { Queue } from "@millrace/queue";
import { Body, Controller, Get, Inject, NotFoundException, Param, Post } from "@nestjs/common";
import type { Pool } from "pg";
import type { Tasks } from "./tasks.ts";
import { POOL, QUEUE, TASKS } from "./tokens.ts";

/** What a client sends for a new image. */
export interface NewImage {
  readonly width: number;
}

/** Stores images, and lets a job resize them. */
@Controller("images")
export class ImagesController {
  readonly #pool: Pool;
  readonly #queue: Queue;
  readonly #tasks: Tasks;

  constructor(@Inject(POOL) pool: Pool, @Inject(QUEUE) queue: Queue, @Inject(TASKS) tasks: Tasks) {
    this.#pool = pool;
    this.#queue = queue;
    this.#tasks = tasks;
  }

  @Post()
  async create(@Body() { width }: NewImage): Promise<{ imageId: number; jobId: string }> {
    const client = await this.#pool.connect();
    try {
      await client.query("BEGIN");
      const { rows } = await client.query<{ id: number }>(
        "INSERT INTO images (width) VALUES ($1) RETURNING id",
        [width],
      );
      const imageId = rows[0]?.id ?? 0;
      const { id } = await this.#queue.enqueue(
        this.#tasks.resizeImage,
        { imageId, width: 640 },
        { tx: client },
      );
      await client.query("COMMIT");
      return { imageId, jobId: id };
    } catch (error) {
      await client.query("ROLLBACK");
      throw error;
    } finally {
      client.release();
    }
  }

  @Get(":id")
  async get(@Param("id") id: string): Promise<{ width: number }> {
    const { rows } = await this.#pool.query<{ width: number }>("SELECT width FROM images WHERE id = $1", [
      id,
    ]);
    const [image] = rows;
    if (image === undefined) throw new NotFoundException();
    return image;
  }
}
