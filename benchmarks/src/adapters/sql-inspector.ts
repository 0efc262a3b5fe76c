import pg from "pg";
import type { Inspector } from "./adapter.ts";

/** Connects an inspector that sends one query. The query must return one boolean column, `unfinished`. */
export async function sqlInspector(url: string, question: string): Promise<Inspector> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    async unfinished() {
      const { rows } = await client.query<{ unfinished: boolean }>(question);
      return rows[0]?.unfinished ?? false;
    },
    close: () => client.end(),
  };
}
