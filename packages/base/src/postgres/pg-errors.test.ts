import { describe, expect, test } from "vitest";
import { MillraceError, NoAnswerError } from "../errors.ts";
import {
  databaseErrorOf,
  isDataError,
  isRefusal,
  isSchemaMissing,
  isTransient,
  sqlStateOf,
} from "./pg-errors.ts";

const withCode = (code: string) => Object.assign(new Error("what PostgreSQL says"), { code });
const wrapped = (cause: unknown) => new Error("Failed query: select 1", { cause });

describe("an error of the database", () => {
  test.each([
    "08006", // connection_failure
    "25006", // read_only_sql_transaction: a server that was demoted
    "40001", // serialization_failure
    "40P01", // deadlock_detected
    "53100", // disk_full
    "53300", // too_many_connections
    "55P03", // lock_not_available
    "57014", // query_canceled: a statement time-out
    "57P01", // admin_shutdown
    "25P03", // idle_in_transaction_session_timeout
    "25P04", // transaction_timeout
    "57P05", // idle_session_timeout
    "58030", // io_error
    "ECONNRESET",
    "EPIPE",
    "CONNECTION_CLOSED",
  ])("%s may pass", (code) => {
    expect(isTransient(withCode(code))).toBe(true);
    expect(isTransient(wrapped(withCode(code)))).toBe(true);
    expect(isDataError(withCode(code))).toBe(false);
  });

  test.each(["22P02", "23503", "23505", "54000", "P0001", "44000"])("%s blames the values", (code) => {
    expect(isTransient(withCode(code))).toBe(false);
    expect(isDataError(wrapped(withCode(code)))).toBe(true);
  });

  test.each(["42P01", "42501", "XX000", "ERR_INVALID_ARG_TYPE"])("%s is neither", (code) => {
    expect(isTransient(withCode(code))).toBe(false);
    expect(isDataError(withCode(code))).toBe(false);
  });

  test("is found beneath what wraps it", () => {
    const said = withCode("23503");

    expect(databaseErrorOf(wrapped(wrapped(said)))).toBe(said);
    expect(databaseErrorOf(said)).toBe(said);
  });

  test("that the driver gives no code is known by its message, wrapped or not", () => {
    const cut = new Error("Connection terminated unexpectedly");
    expect(isTransient(cut)).toBe(true);
    expect(isTransient(wrapped(cut))).toBe(true);
    expect(sqlStateOf(wrapped(cut))).toBeUndefined();
    expect(isTransient(wrapped(new Error("something else")))).toBe(false);
  });

  test.each(["22P02", "23503", "42P01", "42501", "P0001", "XX000"])("%s is a refusal", (code) => {
    expect(isRefusal(wrapped(withCode(code)))).toBe(true);
  });

  test.each(["08006", "40001", "55P03", "57014", "EPIPE", "EBADF", "UND_ERR_SOCKET"])(
    "%s is no refusal: it may pass, or leaves open what was written",
    (code) => expect(isRefusal(withCode(code))).toBe(false),
  );

  test("that causes itself is looked at once", () => {
    const looped = new Error("round and round");
    looped.cause = looped;
    expect(isTransient(looped)).toBe(false);
  });

  test("is asked beneath an error of ours that tells it, and that error keeps its own code", () => {
    class Told extends MillraceError {
      readonly code = "TOLD";
    }
    const told = new Told("It said so", { cause: withCode("42P01") });

    expect(sqlStateOf(told)).toBe("42P01");
    expect(told.code).toBe("TOLD");
    expect(sqlStateOf(new NoAnswerError("Nobody answered", 7))).toBe("ETIMEDOUT");
  });

  test.each(["3F000", "42P01", "42703", "42883"])(
    "%s means a missing schema, unless a function met it",
    (code) => {
      expect(isSchemaMissing(wrapped(withCode(code)))).toBe(true);
      const inTrigger = Object.assign(withCode(code), { where: "PL/pgSQL function public.audit() line 1" });
      expect(isSchemaMissing(wrapped(inTrigger))).toBe(false);
    },
  );
});
