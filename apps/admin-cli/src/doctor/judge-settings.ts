import type { ServerFacts } from "../store/read-server-facts.sql.ts";
import { setOfDatabase, setOfRole, setOfServer } from "../store/repairs.sql.ts";
import { type Finding, note, problem } from "./finding.ts";

/** A bulk step, a prune or a recovery may take so long on a busy server, in ms. */
const STATEMENT_MS_MIN = 10_000;
/** A handler may need so long between two statements of its transaction, in ms. */
const IDLE_IN_TRANSACTION_MS_MIN = 10_000;
/** When more than this part of all connections is in use, a restart of the workers may find none free. */
const CONNECTIONS_PART_MAX = 0.85;

const UNITS_MS: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Reads a duration as PostgreSQL writes it: `5s`, `1min`, or ms without a unit. Returns ms; NaN for other texts. */
export function settingMs(value: string): number {
  const [, digits, unit = "ms"] = /^\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|h|d)?\s*$/.exec(value) ?? [];
  return digits === undefined ? Number.NaN : Number(digits) * (UNITS_MS[unit] ?? Number.NaN);
}

/** Judges the settings of the server, of this session, and of the roles of this database. */
export function judgeSettings({ settings, roleSettings, isStandby, sessions }: ServerFacts): Finding[] {
  const findings: (Finding | null)[] = Object.entries(settings).map(([name, value]) =>
    judgeSetting(name, value, null),
  );
  for (const { role, name, value } of roleSettings) {
    // The session has its own settings already.
    if (settings[name] !== value) findings.push(judgeSetting(name, value, role ?? "every role"));
  }
  if (isStandby) {
    findings.push(
      problem("STANDBY", "server", {
        text: "This server is a standby, which takes no writes. Connect workers and this command to the primary.",
      }),
    );
  }
  return [...findings, judgeConnections(settings, sessions)].filter((finding) => finding !== null);
}

function judgeSetting(name: string, value: string, role: string | null): Finding | null {
  const object = role === null ? name : `${name} of ${role}`;
  switch (name) {
    case "fsync":
    case "full_page_writes":
      return isOff(value) ? problem("UNSAFE_STORAGE", object, unsafeStorage(name)) : null;
    case "autovacuum":
    case "track_counts":
      return isOff(value) ? problem("AUTOVACUUM_OFF", object, autovacuumOff(name)) : null;
    case "synchronous_commit":
      return isOff(value)
        ? note("ASYNCHRONOUS_COMMIT", object, {
            text: "synchronous_commit is off: a crash of the server may lose the last jobs, and run ended jobs again.",
          })
        : null;
    case "statement_timeout":
    case "transaction_timeout":
      return judgeTimeout(object, name, value);
    case "idle_in_transaction_session_timeout":
      return judgeIdleInTransaction(object, value, role);
    case "idle_session_timeout":
      return settingMs(value) > 0
        ? note("IDLE_SESSION_TIMEOUT", object, {
            text: "Workers listen on idle connections, which the server ends after this time. They connect again.",
          })
        : null;
    default:
      return judgeTransactions(object, name, value);
  }
}

function judgeTransactions(object: string, name: string, value: string): Finding | null {
  if (name === "default_transaction_isolation" && value !== "read committed") {
    return problem("ISOLATION", object, {
      text: `Transactions are ${value} by default. Workers need read committed, and refuse to run.`,
      repair: setOfRole("default_transaction_isolation", "read committed"),
    });
  }
  if (name === "default_transaction_read_only" && !isOff(value)) {
    return problem("READ_ONLY", object, {
      text: "Transactions are read-only by default: nothing can be written.",
    });
  }
  return null;
}

function judgeTimeout(object: string, name: string, value: string): Finding | null {
  const ms = settingMs(value);
  if (!(ms > 0 && ms < STATEMENT_MS_MIN)) return null;
  return problem("TIMEOUT_SHORT", object, {
    text:
      `${name} is ${ms} ms. Statements of workers may need ${STATEMENT_MS_MIN} ms on a busy server, and fail again ` +
      "and again.",
    repair: setOfRole(name, "30s"),
  });
}

function judgeIdleInTransaction(object: string, value: string, role: string | null): Finding | null {
  const ms = settingMs(value);
  if (ms === 0 && role === null) {
    return note("IDLE_IN_TRANSACTION_FOREVER", object, {
      text: "A forgotten transaction holds its snapshot for ever, and dead rows slow every claim down.",
      repair: setOfDatabase("idle_in_transaction_session_timeout", "10min"),
    });
  }
  if (!(ms > 0 && ms < IDLE_IN_TRANSACTION_MS_MIN)) return null;
  return problem("IDLE_IN_TRANSACTION_SHORT", object, {
    text: `After ${ms} ms the server ends the transaction of a handler that completes its job in a transaction.`,
  });
}

function judgeConnections(settings: ServerFacts["settings"], sessions: number): Finding | null {
  const number = (name: string) => Number(settings[name] ?? 0);
  const usable =
    number("max_connections") - number("superuser_reserved_connections") - number("reserved_connections");
  if (!(usable > 0 && sessions >= usable * CONNECTIONS_PART_MAX)) return null;
  return problem("CONNECTIONS_NEAR_LIMIT", "max_connections", {
    text:
      `${sessions} of ${usable} connections are in use. Workers that start find none. Raise ` +
      "max_connections, or use a pooler.",
  });
}

function unsafeStorage(name: string): { text: string; repair: string } {
  return {
    text: `${name} is off: a crash of the machine may destroy the database, with all jobs.`,
    repair: setOfServer(name, "on"),
  };
}

function autovacuumOff(name: string): { text: string; repair: string } {
  return {
    text: `${name} is off: dead rows stay, and slow every claim down.`,
    repair: setOfServer(name, "on"),
  };
}

function isOff(value: string): boolean {
  return ["off", "false", "no", "0"].includes(value.toLowerCase());
}
