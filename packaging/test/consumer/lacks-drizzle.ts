import { createQueue, MissingPackageError } from "@millrace/queue";

// Gives the queue what looks like a Drizzle database, in a project without drizzle-orm. Prints the error.
const queue = createQueue({ execute: async () => [] });
const error: unknown = await queue.enqueue("never").catch((reason) => reason);
process.stdout.write(
  error instanceof MissingPackageError ? `${error.code} ${error.packageName}` : String(error),
);
