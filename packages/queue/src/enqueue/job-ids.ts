import { machineNow } from "@millrace/base";
import { createIdSource } from "./uuid-v7.ts";

/** Makes the ids of the jobs that this process enqueues. */
export const jobIds = createIdSource(machineNow);
