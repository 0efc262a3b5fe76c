import { batch, computed, signal } from "@preact/signals";
import { pathBelow } from "./match-path.ts";

/** The path that the dashboard is mounted at, without a slash at its end: the server writes it into the page. */
export const basePath = (
  document.querySelector<HTMLMetaElement>('meta[name="millrace-base"]')?.content ?? ""
).replace(/\/+$/, "");

const currentPath = signal(pathBelow(basePath, location.pathname) ?? "/");
const currentSearch = signal(location.search);

/** The path of the page, below the base path. */
export const path = computed(() => currentPath.value);

/** The query of the page's address. */
export const query = computed(() => new URLSearchParams(currentSearch.value));

/** The address to link to a page: `href("/jobs?state=failed")`. */
export function href(to: string): string {
  return `${basePath}${to}`;
}

/** Goes to a page. `replace` leaves no entry in the history, for a filter that is still being typed. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  if (`${currentPath.peek()}${currentSearch.peek()}` === to) return;
  const leaves = to.split("?", 1)[0] !== currentPath.peek();
  history[replace ? "replaceState" : "pushState"](null, "", href(to));
  read();
  if (leaves) scrollTo(0, 0);
}

/** Follows the browser's history, and every link to a page of the dashboard. Called once. */
export function followLinks(): void {
  addEventListener("popstate", read);
  document.addEventListener("click", (event) => {
    const to = linkedPage(event);
    if (to === null) return;
    event.preventDefault();
    navigate(to);
  });
}

function read(): void {
  batch(() => {
    currentPath.value = pathBelow(basePath, location.pathname) ?? "/";
    currentSearch.value = location.search;
  });
}

/** The page that a click goes to; null for a click that the browser handles. */
function linkedPage(event: MouseEvent): string | null {
  const modified = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (event.defaultPrevented || event.button !== 0 || modified || !(event.target instanceof Element))
    return null;
  const link = event.target.closest("a");
  if (link === null || link.target !== "" || link.hasAttribute("download")) return null;
  const url = new URL(link.href, location.href);
  const isFragment = url.hash !== "" && url.pathname === location.pathname && url.search === location.search;
  if (url.origin !== location.origin || isFragment) return null;
  const below = pathBelow(basePath, url.pathname);
  return below === null || below.startsWith("/api/") ? null : `${below}${url.search}`;
}
