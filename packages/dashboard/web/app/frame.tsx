import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { useKeys } from "../keyboard/bindings.ts";
import { href, navigate, path } from "../route/location.ts";
import { findRoute, ROUTES } from "../route/routes.ts";
import { isLive, liveChoice } from "../state/live.ts";
import { Icon } from "../ui/icons.tsx";
import { KeysDialog } from "./keys-dialog.tsx";
import { Preferences } from "./preferences.tsx";

/** What stands around every page: the navigation, and how pages are shown. */
export function Frame({ children }: { children: ComponentChildren }) {
  const [keysOpen, setKeysOpen] = useState(false);
  useKeys([
    { keys: "?", label: "Show all keys", group: "Everywhere", run: () => setKeysOpen(true) },
    { keys: "/", label: "Go to the filter", group: "Everywhere", run: focusFilter },
    { keys: "l", label: "Live updates on or off", group: "Everywhere", run: toggleLive },
    ...NAVIGATION,
  ]);
  return (
    <div class="frame">
      <a class="skip-link" href="#page">
        Skip to the page
      </a>
      <header class="side">
        <a class="brand" href={href("/")}>
          <BrandMark />
          Millrace
        </a>
        <Navigation />
        <div class="side-tools">
          <LiveSwitch />
          <Preferences />
          <button
            type="button"
            class="side-button keys-button"
            aria-label="Keyboard shortcuts"
            title="Keyboard shortcuts (?)"
            onClick={() => setKeysOpen(true)}
          >
            <Icon name="keyboard" />
          </button>
        </div>
      </header>
      <main id="page" class="page" tabIndex={-1}>
        {children}
      </main>
      {keysOpen ? <KeysDialog onClose={() => setKeysOpen(false)} /> : null}
    </div>
  );
}

const NAVIGATION = ROUTES.flatMap(({ pattern, nav }) =>
  nav === undefined
    ? []
    : [{ keys: `g ${nav.key}`, label: nav.label, group: "Go to", run: () => navigate(pattern) }],
);

function Navigation() {
  const found = findRoute(path.value)?.route;
  const current = found?.parent ?? found?.pattern;
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen the links scroll sideways: the link of this page comes into view. `scrollIntoView` would do so,
  // too, but the Tab key would then begin at that link.
  useEffect(() => {
    const bar = nav.current;
    const link = bar?.querySelector<HTMLElement>("[aria-current]");
    if (bar != null && link != null)
      bar.scrollLeft = link.offsetLeft - (bar.clientWidth - link.offsetWidth) / 2;
  }, [current]);
  return (
    <nav ref={nav} class="nav" aria-label="Pages">
      <ul>
        {ROUTES.map(({ pattern, nav }) =>
          nav === undefined ? null : (
            <li key={pattern}>
              <a href={href(pattern)} aria-current={pattern === current ? "page" : undefined}>
                <Icon name={nav.icon} />
                {nav.label}
              </a>
            </li>
          ),
        )}
      </ul>
    </nav>
  );
}

function LiveSwitch() {
  const on = liveChoice.value === "on";
  return (
    <button
      type="button"
      class="side-button live"
      role="switch"
      aria-checked={on}
      aria-label="Live updates"
      title={on ? "The pages follow what happens (l)" : "The pages stand still (l)"}
      data-live={isLive.value}
      onClick={toggleLive}
    >
      <span class="live-dot" aria-hidden="true" />
      {on ? "Live" : "Paused"}
    </button>
  );
}

function toggleLive(): void {
  liveChoice.value = liveChoice.peek() === "on" ? "off" : "on";
}

function focusFilter(): void {
  const filter = document.querySelector<HTMLInputElement>("[data-filter]");
  filter?.focus();
  filter?.select?.();
}

function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <circle cx="10" cy="10" r="7.2" fill="none" stroke="currentColor" stroke-width="1.6" />
      <path
        d="M10 2.8v14.4M2.8 10h14.4M4.9 4.9l10.2 10.2M15.1 4.9 4.9 15.1"
        stroke="currentColor"
        stroke-width="1.3"
      />
      <circle cx="10" cy="10" r="2.3" fill="currentColor" />
    </svg>
  );
}
