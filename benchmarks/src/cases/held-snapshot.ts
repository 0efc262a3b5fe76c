import pg from "pg";
import { type BenchCase, QUEUES, RATE } from "./bench-case.ts";
import { drainStore } from "./drain-store.ts";

/** (e) A drain while another session holds a snapshot, as a long report or an idle transaction does. */
export const heldSnapshot: BenchCase = {
  id: "e",
  title: "Drain with a snapshot held open",
  description:
    "a REPEATABLE READ transaction in the same database has read before the drain and stays open: no dead row can go",
  metrics: [RATE],
  compareVariants: true,
  quick: false,
  variants: () => [
    { key: "clean", label: "clean", value: 0 },
    { key: "held", label: "snapshot held", value: 1 },
  ],
  roles: QUEUES,
  skip: (adapter) => (adapter.server === "redis" ? "it has no PostgreSQL snapshot" : null),
  async run({ adapter, server, sizes, variant }) {
    const store = await server.openStore(adapter, { due: sizes.drainJobs });
    const release = variant.key === "held" ? await holdSnapshot(store.url) : async () => {};
    const options = { adapter, jobs: sizes.drainJobs, processes: 1, limitMs: sizes.drainLimitMs };
    try {
      const { rate } = await drainStore(store, options);
      return { rate };
    } finally {
      await release();
      await store.drop();
    }
  },
};

async function holdSnapshot(url: string): Promise<() => Promise<void>> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
  // PostgreSQL takes the snapshot at the first statement, not at BEGIN.
  await client.query("SELECT count(*) FROM pg_class");
  return () => client.end();
}
