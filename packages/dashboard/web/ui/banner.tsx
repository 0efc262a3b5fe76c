import type { Problem } from "@millrace/api/client";
import type { ComponentChildren } from "preact";
import { Icon } from "./icons.tsx";

/** A message above what it is about. A warning and an error differ by their icon and their colour. */
export function Banner({
  kind = "note",
  children,
}: {
  kind?: "note" | "warning" | "error";
  children: ComponentChildren;
}) {
  return (
    <div class="banner" data-kind={kind} role={kind === "error" ? "alert" : undefined}>
      <Icon name={kind === "note" ? "note" : "warning"} />
      <div class="banner-text">{children}</div>
    </div>
  );
}

/** Why a request failed, and a way to try it again, unless the same request would be refused again. */
export function ProblemBanner({ problem, onRetry }: { problem: Problem; onRetry?: () => void }) {
  const refused = problem.status >= 400 && problem.status < 500;
  return (
    <Banner kind="error">
      <strong>{problem.title}</strong> {problem.detail} <code>{problem.code}</code>
      {onRetry === undefined || refused ? null : (
        <button type="button" class="button small" onClick={onRetry}>
          Try again
        </button>
      )}
    </Banner>
  );
}
