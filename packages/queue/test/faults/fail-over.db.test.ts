import { rounds, startReplicatedPostgres, testedMajor, throwawaySettings } from "@millrace/testpg";
import { describe, expect, test } from "vitest";
import { record } from "./effects.ts";
import { type FailOverCounts, failOver } from "./fail-over.ts";
import { hasPgBouncer, startPgBouncer } from "./start-pgbouncer.ts";

const ROUNDS = Array.from({ length: rounds({ usual: 1, long: 5 }) }, (_, number) => number + 1);
const LOAD = { load: rounds({ usual: 100, long: 2_000 }), survivors: rounds({ usual: 1, long: 3 }) };
const SERVERS = { settings: throwawaySettings, ...testedMajor() };

describe("a primary that is killed under load, and whose synchronous standby is promoted", () => {
  test.each(ROUNDS)(
    "loses no acknowledged job: workers find the new primary by the url (round %i)",
    async (round) => {
      await using pair = await startReplicatedPostgres(SERVERS);

      const counts = await failOver({ pair, url: pair.url, ...LOAD });

      expectNothingLost(counts);
      await record(`fail-over ${round}`, { injected: 1, ...counts });
    },
  );

  test.skipIf(!hasPgBouncer()).each(ROUNDS)(
    "loses none through PgBouncer in transaction mode either, which is pointed at it (round %i)",
    async (round) => {
      await using pair = await startReplicatedPostgres(SERVERS);
      await using bouncer = await startPgBouncer(new URL(pair.primary.url), 10);

      const counts = await failOver({
        pair,
        url: bouncer.url,
        ...LOAD,
        worker: { listen: false, pollMs: 100 },
        onPromoted: () => bouncer.pointAt(new URL(pair.standby.url)),
      });

      expectNothingLost(counts);
      await record(`fail-over through PgBouncer ${round}`, { injected: 1, ...counts });
    },
  );
});

function expectNothingLost(counts: FailOverCounts): void {
  expect(counts).toMatchObject({ lost: 0, failed: 0, notOnce: 0, completed: counts.jobs });
  expect(counts.jobs).toBeGreaterThan(2 * LOAD.load);
  expect(counts.firstJobMs).toBeGreaterThan(0);
}
