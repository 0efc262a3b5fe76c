import { migrate } from "@millrace/schema/migrations";
import pg from "pg";
import { installTestClock } from "../clock/install-test-clock.sql.ts";

/** What a test database has besides Millrace's tables. */
export interface PrepareOptions {
  /**
   * Fills the template of the test databases at `url`, for example by the application's own migrations. Millrace's
   * migrations are applied already. Close every connection before you return.
   */
  readonly prepare?: (url: string) => Promise<void>;
  /**
   * A hash of what `prepare` does. A server keeps one template for each key, so the next run need not prepare again.
   * Without a key, the template of a `prepare` is made for one run.
   */
  readonly key?: string;
}

/** Returns what fills a template: Millrace's migrations, then the application's, then the test clock. */
export function preparing({ prepare }: PrepareOptions): (url: string) => Promise<void> {
  return async (url) => {
    const pool = new pg.Pool({ connectionString: url });
    // The template's connections are cut while they close.
    pool.on("error", () => undefined);
    await migrate(pool).finally(() => pool.end());
    await prepare?.(url);
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => undefined);
    await client.connect();
    await installTestClock(client).finally(() => client.end());
  };
}
