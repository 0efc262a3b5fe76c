import {
  ACTIONS,
  type Authorize,
  createDashboard,
  isLoopbackAddress,
  type ServedDashboard,
  serveDashboard,
  tokenAuthorize,
} from "@millrace/dashboard";
import type { CommandDatabase, CommandHost } from "../command-host.ts";
import type { CommandIo } from "../command-io.ts";
import { locationText } from "../database-url.ts";
import { UsageError } from "../usage-error.ts";

/** A shorter token could be guessed. */
const TOKEN_CHARACTERS_MIN = 16;

/**
 * Returns the token that users log in with: the option, else MILLRACE_DASHBOARD_TOKEN. Undefined: users need not log
 * in, because nobody but this machine's users reaches the dashboard. Throws `UsageError` for a dashboard that is open
 * to others, and for a short token.
 */
export function checkToken(
  { host, token }: { host: string; token?: string },
  env: CommandIo["env"],
): string | undefined {
  // An empty variable counts as not set.
  const given = token ?? (env["MILLRACE_DASHBOARD_TOKEN"] || undefined);
  if (given !== undefined && given.length < TOKEN_CHARACTERS_MIN) {
    throw new UsageError(
      `The token needs at least ${TOKEN_CHARACTERS_MIN} characters; make one: openssl rand -hex 24`,
    );
  }
  if (given === undefined && !isLoopbackAddress(host)) {
    throw new UsageError(
      "Other machines can reach this --host: set MILLRACE_DASHBOARD_TOKEN or --token, so that users must log in.",
    );
  }
  return given;
}

/** How to serve the dashboard. */
export interface ServeSettings {
  readonly port: number;
  readonly host: string;
  readonly basePath?: string;
  readonly readOnly: boolean;
  readonly redact: readonly string[];
  readonly token: string | undefined;
}

/** Serves the dashboard until the person ends it. Writes the address once the server listens. */
export async function serveUntilQuit(
  settings: ServeSettings,
  host: CommandHost,
  { pool, location, who, now }: CommandDatabase,
): Promise<void> {
  const { basePath = "", port, readOnly, redact, token } = settings;
  const dashboard = createDashboard({ db: pool, authorize: authorizeOf(settings, who), basePath, redact });
  const quit = host.io.terminal.listenForQuit();
  let served: ServedDashboard | undefined;
  try {
    served = await serveDashboard(dashboard, {
      port,
      host: settings.host,
      loopbackHosts: token === undefined,
    });
    const url = `${served.origin}${basePath}/`;
    const about = `${locationText(location)}${readOnly ? ", read only" : ""}; q or Ctrl-C ends`;
    host.report({ json: { url, readOnly }, text: `Dashboard: ${url}\n${about}` }, now);
    await aborted(quit.signal);
  } finally {
    quit.close();
    await (served ?? dashboard).close();
  }
}

function authorizeOf({ token, readOnly }: ServeSettings, who: string): Authorize {
  // Whoever knows the token may be anybody. Without a token, only users of this machine reach the dashboard.
  const access = readOnly ? "read" : { actions: ACTIONS, who: token === undefined ? who : "dashboard" };
  return token === undefined ? () => access : tokenAuthorize({ token, access });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
