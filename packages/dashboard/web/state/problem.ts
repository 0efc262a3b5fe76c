import { ApiProblem, type Problem } from "@millrace/api/client";

/** What a failed request says, for people. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiProblem) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return {
    type: "about:blank",
    title: "No answer",
    status: 0,
    detail: `The server did not answer: ${detail}. Check the network, and that the server runs.`,
    code: "NO_ANSWER",
  };
}
