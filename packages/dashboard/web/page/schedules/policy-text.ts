/** A policy that people choose from, with one sentence about what the policy does. */
export interface PolicyChoice<Name extends string> {
  name: Name;
  text: string;
}

/** What a scheduler does with ticks that it finds more than a minute late, for instance after an outage. */
export const MISFIRE_CHOICES = [
  { name: "latest", text: "However many ticks were missed, one job is enqueued for the last of them." },
  { name: "skip", text: "A tick found more than a minute late enqueues no job; the next tick on time does." },
  { name: "all", text: "Each missed tick enqueues a job of its own, up to the 100 most recent." },
] as const satisfies readonly PolicyChoice<string>[];

/** What a scheduler does at a tick while an earlier job of the schedule has not ended. */
export const OVERLAP_CHOICES = [
  {
    name: "allow",
    text: "A tick enqueues its job even if an earlier job of the schedule is queued or running.",
  },
  { name: "skip", text: "A tick enqueues no job while an earlier job of the schedule is queued or running." },
] as const satisfies readonly PolicyChoice<string>[];

/** The sentence about a policy; the policy's own name where there is no such policy. */
export function policyText(choices: readonly PolicyChoice<string>[], name: string): string {
  return choices.find((choice) => choice.name === name)?.text ?? name;
}

/** Why a schedule does not run, by its status. Null for a schedule that runs. */
export function standingText(status: string): string | null {
  return STANDINGS[status] ?? null;
}

const STANDINGS: Readonly<Record<string, string>> = {
  "no-handler": "No worker seen in the last minute runs jobs of this type: ticks enqueue jobs that wait.",
  "no-future":
    "The schedule has no further tick: its end has passed, or its expression never comes true again.",
  ended: "The schedule has made all the jobs that it may make.",
  invalid: "The expression or the zone cannot be read: no tick fires until one of them is corrected.",
  disabled: "The schedule is disabled: no tick fires until it is enabled.",
};
