import { machineNow } from "@millrace/base";
import { createIdSource } from "./uuid-v7.ts";

/** The ids of the jobs that this process enqueues. */
export const jobIds = createIdSource(machineNow);
