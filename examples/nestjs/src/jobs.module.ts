import { createQueue, createWorker, type Worker } from "@millrace/queue";
import { migrate } from "@millrace/schema/migrations";
import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from "@nestjs/common";
import pg from "pg";
import { createTasks, type Tasks } from "./tasks.ts";
import { POOL, QUEUE, TASKS } from "./tokens.ts";

/** The queue, the tasks and the worker of the application. `enableShutdownHooks` makes SIGTERM stop the worker. */
@Module({})
export class JobsModule implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #pool: pg.Pool;
  readonly #worker: Worker;

  constructor(@Inject(POOL) pool: pg.Pool, @Inject(TASKS) tasks: Tasks) {
    this.#pool = pool;
    this.#worker = createWorker({ db: pool, tasks: Object.values(tasks) });
  }

  static forDatabase(connectionString: string | undefined): DynamicModule {
    const pool = new pg.Pool({ connectionString });
    // A connection that breaks while nobody uses it ends the process, unless somebody listens.
    pool.on("error", (error) => console.error(error.message));
    return {
      module: JobsModule,
      providers: [
        { provide: POOL, useValue: pool },
        { provide: QUEUE, useFactory: () => createQueue(pool) },
        { provide: TASKS, useFactory: () => createTasks(pool) },
      ],
      exports: [POOL, QUEUE, TASKS],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await migrate(this.#pool);
    await this.#pool.query(
      "CREATE TABLE IF NOT EXISTS images (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, width int NOT NULL)",
    );
    this.#worker.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#worker.stop();
    await this.#pool.end();
  }
}
