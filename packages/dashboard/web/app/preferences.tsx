import { useId, useMemo } from "preact/hooks";
import { loggedIn, logOut } from "../state/login.ts";
import { session } from "../state/session.ts";
import { THEMES, theme } from "../state/theme.ts";
import { chosenZone, localZone, zone, zoneNames } from "../state/time-zone.ts";
import { showToast } from "../state/toasts.ts";
import { isTimeZone } from "../text/zoned-time.ts";
import { Icon } from "../ui/icons.tsx";

const THEME_NAMES = { auto: "As the system", light: "Light", dark: "Dark" } as const;

/** The choices of how this browser shows the pages, and the name of who uses the dashboard. */
export function Preferences() {
  const id = useId();
  return (
    <>
      <button type="button" class="side-button" popovertarget={id} title="Time zone and colours">
        <Icon name="settings" />
        <span class="zone-name">{zone.value}</span>
        <span class="off-screen">: time zone and colours</span>
      </button>
      <div id={id} popover="auto" class="popover preferences">
        <ZoneChoice />
        <ThemeChoice />
        <Who />
      </div>
    </>
  );
}

function ZoneChoice() {
  const listId = useId();
  const names = useMemo(zoneNames, []);
  const chosen = chosenZone.value;
  const choose = (name: string) => {
    if (name === "local" || isTimeZone(name)) chosenZone.value = name;
  };
  return (
    <fieldset class="choice">
      <legend>Time zone</legend>
      <div class="segments">
        {(["UTC", "local"] as const).map((each) => (
          <label key={each} class="segment">
            <input type="radio" name="zone" checked={chosen === each} onChange={() => choose(each)} />
            {each === "UTC" ? "UTC" : "Local"}
          </label>
        ))}
      </div>
      <input
        class="input"
        type="text"
        list={listId}
        aria-label="Another time zone"
        placeholder={localZone}
        value={chosen === "local" ? "" : chosen}
        onChange={(event) => choose(event.currentTarget.value.trim())}
      />
      <datalist id={listId}>
        {names.map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </fieldset>
  );
}

function ThemeChoice() {
  return (
    <fieldset class="choice">
      <legend>Colours</legend>
      <div class="segments">
        {THEMES.map((each) => (
          <label key={each} class="segment">
            <input
              type="radio"
              name="theme"
              checked={theme.value === each}
              onChange={() => {
                theme.value = each;
              }}
            />
            {THEME_NAMES[each]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function Who() {
  const current = session.value;
  if (current === null) return null;
  return (
    <div class="who">
      <span>
        {current.who ?? "The server names no user"}
        {current.actions.length === 0 ? ", may only read" : ""}
      </span>
      <span class="quiet">Millrace {current.release}</span>
      {loggedIn.value === "no" ? null : (
        <button type="button" class="button small" onClick={logOutOrSay}>
          Log out
        </button>
      )}
    </div>
  );
}

async function logOutOrSay(): Promise<void> {
  if (await logOut()) return;
  showToast("You are still logged in: the server did not take the logout. Try again.", { kind: "alert" });
}
