import type pg from "pg";
import type { Executor } from "../../../src/index.ts";
import type { KillPoint } from "./protocol.ts";

/** An executor that kills its process around the commit of the first claim that finds a job, or of a completion. */
export function killingExecutor(pool: pg.Pool, point: KillPoint): Executor {
  const dies = (text: string) =>
    (point.endsWith("claim commits") && text.includes("DELETE FROM millrace.waiting_jobs j USING due")) ||
    (point.endsWith("completion commits") && /INSERT INTO millrace\.ended_jobs[\s\S]*'completed'/.test(text));
  return {
    async query(text, values) {
      if (!dies(text)) return pool.query(text, values);
      const client = await pool.connect();
      await client.query("BEGIN");
      const result = await client.query(text, values);
      if (result.rows.length > 0 && point.startsWith("before")) process.kill(process.pid, "SIGKILL");
      await client.query("COMMIT");
      if (result.rows.length > 0) process.kill(process.pid, "SIGKILL");
      client.release();
      return result;
    },
  };
}
