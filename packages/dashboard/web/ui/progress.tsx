import { readProgress } from "../text/progress.ts";

/** A bar of how far a job is, where its progress says so: a fraction, a percentage, or `done` of `total`. */
export function ProgressBar({ progress }: { progress: string | null }) {
  const found = progress === null ? null : readProgress(progress);
  if (found === null) return null;
  return (
    <span class="progress">
      <progress max={1} value={found.fraction} aria-label="Progress" />
      <span class="figure">{found.label}</span>
    </span>
  );
}
