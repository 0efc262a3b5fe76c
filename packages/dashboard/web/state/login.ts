import { signal } from "@preact/signals";
import { basePath } from "../route/location.ts";
import { storedSignal } from "./stored-signal.ts";

/** Whether the API refused a request because it does not know who asks. */
export const needsLogin = signal(false);

/** Whether a token logged this browser in. Where something else says who asks, nobody can log out here. */
export const loggedIn = storedSignal<"yes" | "no">("logged-in", {
  otherwise: "no",
  isValid: (text): text is "yes" | "no" => text === "yes" || text === "no",
});

/** What became of a try to log in. `unknown`: this dashboard knows no tokens. */
export type LoginResult = "done" | "refused" | "unknown";

/** Logs in with a token. The server keeps it in a cookie that no script can read. */
export async function logIn(token: string): Promise<LoginResult> {
  const response = await fetch(`${basePath}/api/session/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
    credentials: "same-origin",
  });
  if (response.ok) {
    loggedIn.value = "yes";
    return "done";
  }
  return response.status === 404 ? "unknown" : "refused";
}

/** Logs out, where a token has logged in. False when the server did not do it: then the cookie is still there. */
export async function logOut(): Promise<boolean> {
  const request = fetch(`${basePath}/api/session`, { method: "DELETE", credentials: "same-origin" });
  const done = await request.then(
    (response) => response.ok,
    () => false,
  );
  if (!done) return false;
  loggedIn.value = "no";
  needsLogin.value = true;
  return true;
}
