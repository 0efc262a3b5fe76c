import { QueueError } from "../errors.ts";

/** The job has not ended within the time-out of `waitFor`. The job itself goes on. */
export class WaitTimedOutError extends QueueError {
  readonly code = "WAIT_TIMED_OUT";
  readonly jobId: string;
  readonly timeoutMs: number;
  constructor(jobId: string, timeoutMs: number) {
    super(
      `Job ${jobId} has not ended within ${timeoutMs} ms. The job goes on: wait again, or see what it does.`,
    );
    this.jobId = jobId;
    this.timeoutMs = timeoutMs;
  }
}
