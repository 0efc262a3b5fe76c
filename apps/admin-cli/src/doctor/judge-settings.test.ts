import { expect, test } from "vitest";
import type { ServerFacts } from "../store/read-server-facts.sql.ts";
import { judgeSettings, settingMs } from "./judge-settings.ts";

const GOOD: ServerFacts = {
  settings: {
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    autovacuum: "on",
    track_counts: "on",
    statement_timeout: "0",
    transaction_timeout: "0",
    idle_in_transaction_session_timeout: "600000",
    idle_session_timeout: "0",
    default_transaction_isolation: "read committed",
    default_transaction_read_only: "off",
    max_connections: "100",
    superuser_reserved_connections: "3",
    reserved_connections: "0",
  },
  roleSettings: [],
  isStandby: false,
  sessions: 20,
  seesOthers: true,
};

test("a server as it should be has no findings", () => {
  expect(judgeSettings(GOOD)).toEqual([]);
});

test.each([
  ["fsync", "off", "UNSAFE_STORAGE", "problem"],
  ["full_page_writes", "off", "UNSAFE_STORAGE", "problem"],
  ["autovacuum", "off", "AUTOVACUUM_OFF", "problem"],
  ["track_counts", "off", "AUTOVACUUM_OFF", "problem"],
  ["synchronous_commit", "off", "ASYNCHRONOUS_COMMIT", "note"],
  ["statement_timeout", "5000", "TIMEOUT_SHORT", "problem"],
  ["transaction_timeout", "5000", "TIMEOUT_SHORT", "problem"],
  ["idle_in_transaction_session_timeout", "1000", "IDLE_IN_TRANSACTION_SHORT", "problem"],
  ["idle_in_transaction_session_timeout", "0", "IDLE_IN_TRANSACTION_FOREVER", "note"],
  ["idle_session_timeout", "60000", "IDLE_SESSION_TIMEOUT", "note"],
  ["default_transaction_isolation", "serializable", "ISOLATION", "problem"],
  ["default_transaction_read_only", "on", "READ_ONLY", "problem"],
  ["max_connections", "26", "CONNECTIONS_NEAR_LIMIT", "problem"],
])("%s = %s is %s, a %s", (name, value, code, severity) => {
  const findings = judgeSettings({ ...GOOD, settings: { ...GOOD.settings, [name]: value } });

  expect(findings).toMatchObject([{ code, severity, text: expect.stringMatching(/\.$/) }]);
});

test("the settings of roles count, too, and name the role", () => {
  const roleSettings = [
    { role: "shop", name: "statement_timeout", value: "5s" },
    { role: null, name: "fsync", value: "on" },
    { role: "report", name: "statement_timeout", value: "1min" },
  ];

  expect(judgeSettings({ ...GOOD, roleSettings })).toMatchObject([
    { code: "TIMEOUT_SHORT", object: "statement_timeout of shop" },
  ]);
});

test("a standby takes no writes", () => {
  expect(judgeSettings({ ...GOOD, isStandby: true })).toMatchObject([
    { code: "STANDBY", severity: "problem" },
  ]);
});

test.each([
  ["0", 0],
  ["5000", 5_000],
  ["5s", 5_000],
  ["2min", 120_000],
  ["1h", 3_600_000],
  ["1.5s", 1_500],
  ["soon", Number.NaN],
])("%s is %d ms", (value, expected) => {
  expect(settingMs(value)).toBe(expected);
});
