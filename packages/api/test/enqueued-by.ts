import { expect } from "vitest";
import type { ApiOfTest } from "./use-api.ts";

/** Returns a function that enqueues a job by the API, and returns the job's id. */
export const enqueuedBy =
  (send: ApiOfTest["send"]) =>
  async (job: object = {}): Promise<string> => {
    const { status, body } = await send("POST", "/jobs", { type: "a-job", ...job });
    expect({ status, result: body.result }).toEqual({ status: 200, result: "enqueued" });
    return body.id;
  };
