import { Icon, type IconName } from "./icons.tsx";

/** The states of a job that have a shape and a colour of their own. */
const SHAPES: Readonly<Record<string, IconName>> = {
  queued: "queued",
  running: "running",
  completed: "completed",
  failed: "failed",
  canceled: "canceled",
};

/** The state of a job: a shape, a colour and the word. */
export function StateBadge({ state, label = state }: { state: string; label?: string }) {
  return (
    <span class="state" data-state={state}>
      <Icon name={SHAPES[state] ?? "note"} />
      {label}
    </span>
  );
}
