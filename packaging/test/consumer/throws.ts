import { createQueue } from "@millrace/queue";

// Throws in the package's code, to see where a stack trace points to.
createQueue({} as never);
