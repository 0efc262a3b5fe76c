import { executorOf } from "@millrace/base";
import type { InTransaction } from "@millrace/queue";

/** Makes a time-out that the transaction has set a hundredth of what it is. One that it has not set stays away. */
export async function hurry(tx: InTransaction["tx"], setting: string): Promise<void> {
  if (tx === undefined) throw new Error("A tick enqueues in its transaction");
  await executorOf(tx).query(
    "SELECT set_config($1, (extract(epoch FROM current_setting($1)::interval) * 10)::int || 'ms', true)",
    [setting],
  );
}
