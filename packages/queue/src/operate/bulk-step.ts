import { Parameters } from "./parameters.ts";
import { type Chosen, type Fits, fitsOf } from "./selection.sql.ts";

/** The jobs that one step of a command on many jobs is about. */
export interface StepJobs extends Chosen {
  /** How many fitting jobs the step has at most. */
  most: number;
  /** Whether the step is recorded: see `AuditedCommand`. Default false. */
  isRecorded?: boolean;
}

/** What the text of a step's statement is made of. */
export interface StepParts {
  fits: Fits;
  /** SQL for the most jobs that may fit. */
  most: string;
  /**
   * Whether the step is recorded. Then its statement also returns the changed jobs, and always notifies: a worker may
   * fall asleep before the commit.
   */
  isRecorded: boolean;
  /** The parameters from $4 on. */
  values: readonly unknown[];
}

/** Returns the parts of the statement of a step. */
export function stepParts(jobs: StepJobs): StepParts {
  const parameters = new Parameters(4);
  const most = parameters.add(jobs.most);
  const fits = fitsOf(jobs, parameters);
  return { fits, most, isRecorded: jobs.isRecorded ?? false, values: parameters.values };
}
