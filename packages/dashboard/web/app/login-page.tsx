import { useState } from "preact/hooks";
import { type LoginResult, logIn } from "../state/login.ts";
import { problemOf } from "../state/problem.ts";
import { readSession } from "../state/session.ts";
import { Banner } from "../ui/banner.tsx";
import { Field } from "../ui/field.tsx";

const REFUSED: Readonly<Record<Exclude<LoginResult, "done">, string>> = {
  refused: "The server did not take this token. Check it, and wait a little before you try again.",
  unknown:
    "This dashboard takes no tokens. Log in where the rest of the server does, and load this page again.",
};

/** Asks for a token, where the API does not know who asks. */
export function LoginPage() {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<string | null>(null);
  const onSubmit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(await refusalOf(token));
    setBusy(false);
  };
  return (
    <main class="login">
      <form class="login-form" onSubmit={onSubmit}>
        <h1>Millrace</h1>
        <p class="quiet">This dashboard asks for a token.</p>
        {refusal === null ? null : <Banner kind="error">{refusal}</Banner>}
        <Field label="Token">
          {(control) => (
            <input
              {...control}
              class="input"
              type="password"
              autoComplete="current-password"
              required
              value={token}
              onInput={(event) => setToken(event.currentTarget.value)}
            />
          )}
        </Field>
        <button type="submit" class="button primary" disabled={busy || token === ""}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
    </main>
  );
}

/** Tries a token. Null when it was taken, else what to tell. */
async function refusalOf(token: string): Promise<string | null> {
  try {
    const result = await logIn(token);
    if (result !== "done") return REFUSED[result];
    await readSession();
    return null;
  } catch (error) {
    return problemOf(error).detail;
  }
}
