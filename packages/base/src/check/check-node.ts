import { UnsupportedNodeError } from "../errors.ts";
import { NODE_LEAST, nodeProblem } from "../runtime.ts";

/** Throws `UnsupportedNodeError` (`UNSUPPORTED_NODE`) if this Node is too old for Millrace's libraries. */
export function checkNode(): void {
  const problem = nodeProblem("Millrace", NODE_LEAST);
  if (problem !== null) throw new UnsupportedNodeError(problem);
}
