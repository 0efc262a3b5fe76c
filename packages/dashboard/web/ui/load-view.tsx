import type { ComponentChildren } from "preact";
import type { Loaded } from "../data/use-load.ts";
import { Banner, ProblemBanner } from "./banner.tsx";

/**
 * Shows what was loaded: a quiet place-holder before the first answer, the problem instead of an answer, and a note
 * above an answer that could not be loaded again.
 */
export function LoadView<Value>({
  loaded,
  children,
}: {
  loaded: Loaded<Value>;
  children: (value: Value) => ComponentChildren;
}) {
  const { value, problem, reload } = loaded;
  if (value === undefined) {
    return problem === undefined ? <Loading /> : <ProblemBanner problem={problem} onRetry={reload} />;
  }
  return (
    <>
      {problem === undefined ? null : (
        <Banner kind="warning">
          This is how it was: the last request failed. {problem.detail}{" "}
          <button type="button" class="button small" onClick={reload}>
            Try again
          </button>
        </Banner>
      )}
      {children(value)}
    </>
  );
}

/** Stands where something will be. Shown late, so that a quick answer does not flicker. */
export function Loading() {
  return (
    <div class="loading" role="status">
      Loading…
    </div>
  );
}

/** Stands where nothing is, and says why, or what to do. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children === undefined ? null : <p>{children}</p>}
    </div>
  );
}
