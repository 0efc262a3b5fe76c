import pg from "pg";
import { type FailedAttempt, hostsInTurn, whenAllFailed } from "./hosts-in-turn.ts";
import { MultiHostClient } from "./multi-host-client.ts";

/**
 * Connects a pg client. Its `connectionString` may name several servers, as that of `createPool`: they are tried in the
 * order of the list. The loss of the connection while it is idle is not reported: the next statement fails.
 *
 * Throws the driver's error, or `NoPrimaryError` if none of several servers will do.
 */
export async function connectClient(config: pg.ClientConfig): Promise<pg.Client> {
  const turn = hostsInTurn(config.connectionString);
  const attempts: FailedAttempt[] = [];
  for (;;) {
    const client = turn === null ? new pg.Client(config) : new MultiHostClient(config, turn);
    client.on("error", () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      const failed = turn?.attemptOf(error);
      if (turn === null || failed === undefined) throw error;
      attempts.push(failed);
      const noPrimary = whenAllFailed(attempts, turn.hosts);
      if (noPrimary !== null) throw noPrimary;
    }
  }
}
