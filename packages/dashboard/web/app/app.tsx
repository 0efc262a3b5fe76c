import type { ComponentChildren, ComponentType } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";
import { href, path } from "../route/location.ts";
import type { PathParams } from "../route/match-path.ts";
import type { PageProps } from "../route/page-props.ts";
import { findRoute, type Route } from "../route/routes.ts";
import { isVisible } from "../state/live.ts";
import { needsLogin } from "../state/login.ts";
import { readSession, session, sessionProblem } from "../state/session.ts";
import { Banner, ProblemBanner } from "../ui/banner.tsx";
import { ConfirmHost } from "../ui/confirm-host.tsx";
import { Empty, Loading } from "../ui/load-view.tsx";
import { PageHead } from "../ui/page-head.tsx";
import { ToastList } from "../ui/toast-list.tsx";
import { Frame } from "./frame.tsx";
import { LoginPage } from "./login-page.tsx";

/** The dashboard: the login where the server asks for one, else the frame with the page of the address. */
export function App() {
  useEffect(() => {
    readSession();
  }, []);
  if (needsLogin.value) return <LoginPage />;
  return (
    <>
      <Frame>
        <SessionOr>
          <CurrentPage />
        </SessionOr>
      </Frame>
      <ConfirmHost />
      <ToastList />
    </>
  );
}

/** How long to wait before the session is read again, where it could not be read. */
const AGAIN_MS = 3_000;

/**
 * Shows the page once it is known who uses it, so that no action appears late. Tries by itself again, as every page
 * does: somebody may have left the page open.
 */
function SessionOr({ children }: { children: ComponentChildren }) {
  const problem = sessionProblem.value;
  const waits = session.value === null && problem !== null && isVisible.value;
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(readSession, AGAIN_MS);
    return () => clearTimeout(timer);
  }, [waits, problem]);
  if (session.value !== null) return <>{children}</>;
  return problem === null ? <Loading /> : <ProblemBanner problem={problem} onRetry={readSession} />;
}

/** A page that has been loaded, or why it could not be. */
type Shown =
  | { kind: "page"; route: Route; params: PathParams; Page: ComponentType<PageProps> }
  | { kind: "lost"; path: string }
  | { kind: "not-loaded" };

/** Shows the page of the address. The page before stays until the next one is there. */
function CurrentPage() {
  const [shown, setShown] = useState<Shown | null>(null);
  const here = path.value;
  useEffect(() => {
    let over = false;
    const found = findRoute(here);
    if (found === null) setShown({ kind: "lost", path: here });
    else {
      found.route.load().then(
        (Page) => over || setShown({ kind: "page", ...found, Page }),
        () => over || setShown({ kind: "not-loaded" }),
      );
    }
    return () => {
      over = true;
    };
  }, [here]);
  useFocusOnArrival(shown);

  if (shown === null) return <Loading />;
  switch (shown.kind) {
    case "page":
      return <Guarded key={shown.route.pattern} shown={shown} />;
    case "lost":
      return <LostPage path={shown.path} />;
    case "not-loaded":
      return <NotLoaded />;
    default:
      return shown satisfies never;
  }
}

/** Moves the focus to the heading of a page that somebody came to from another page, so that it is read out. */
function useFocusOnArrival(shown: Shown | null): void {
  const [arrived, setArrived] = useState(false);
  const pattern =
    shown?.kind === "page" ? `${shown.route.pattern} ${JSON.stringify(shown.params)}` : shown?.kind;
  useEffect(() => {
    if (pattern === undefined) return;
    if (arrived) document.getElementById("page-title")?.focus({ preventScroll: true });
    setArrived(true);
  }, [pattern]);
}

/** A page that throws takes itself down, and not the frame. */
function Guarded({ shown: { Page, params } }: { shown: Extract<Shown, { kind: "page" }> }) {
  const [error, reset] = useErrorBoundary();
  if (error === undefined || error === null) return <Page params={params} />;
  return (
    <>
      <PageHead title="This page failed" name="Failed" />
      <Banner kind="error">
        {error instanceof Error ? error.message : String(error)}
        <button type="button" class="button small" onClick={reset}>
          Try again
        </button>
      </Banner>
    </>
  );
}

function LostPage({ path }: { path: string }) {
  return (
    <>
      <PageHead title="No such page" name="Not found" />
      <Empty title={`Nothing is at ${path}.`}>
        <a href={href("/jobs")}>See the jobs</a>
      </Empty>
    </>
  );
}

/** A new release has other files: the page that is open asks for files that are gone. */
function NotLoaded() {
  return (
    <>
      <PageHead title="This page could not be loaded" name="Not loaded" />
      <Banner kind="error">
        The server may run a new release, or be out of reach.
        <button type="button" class="button small" onClick={() => location.reload()}>
          Reload
        </button>
      </Banner>
    </>
  );
}
