import type { Problem, Session } from "@millrace/api/client";
import { computed, signal } from "@preact/signals";
import { client } from "./client.ts";
import { setDatabaseNow } from "./clock.ts";
import { needsLogin } from "./login.ts";
import { problemOf } from "./problem.ts";

/** An action that a session may be allowed. */
export type Action = Session["actions"][number];

/** Who uses the dashboard, and what they may do. */
export const session = signal<Session | null>(null);

/** Why the session could not be read. */
export const sessionProblem = signal<Problem | null>(null);

const allowed = computed(() => new Set<Action>(session.value?.actions));

/** Whether the session may do an action. The server checks every action again. */
export function may(action: Action): boolean {
  return allowed.value.has(action);
}

/** Whether the server's database role may read payloads and outputs. */
export function showsPayloads(): boolean {
  return session.value?.showsPayloads !== false;
}

/** Reads the session. Called at the start, and after a login. */
export async function readSession(): Promise<void> {
  const beganMs = Date.now();
  try {
    const answer = await client.session();
    setDatabaseNow(answer.databaseNow, beganMs, Date.now());
    session.value = answer;
    sessionProblem.value = null;
    needsLogin.value = false;
  } catch (error) {
    sessionProblem.value = problemOf(error);
  }
}
