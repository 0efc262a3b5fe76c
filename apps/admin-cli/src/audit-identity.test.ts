import { expect, test } from "vitest";
import { auditIdentity } from "./audit-identity.ts";

const identity = (as: string | undefined, actor: string | undefined, user: string | undefined) =>
  auditIdentity({
    as,
    env: actor === undefined ? {} : { MILLRACE_ACTOR: actor },
    osUser: () => user,
    command: "millrace jobs cancel",
  });

test.each([
  ["--as", "option", "variable", "user", "option"],
  ["MILLRACE_ACTOR", undefined, "variable", "user", "variable"],
  ["the user", undefined, undefined, "user", "user"],
  ["the user, with an empty variable", undefined, "", "user", "user"],
  ["unknown, for a user without a name", undefined, undefined, undefined, "unknown"],
])("who is %s", (_case, as, actor, user, who) => {
  expect(identity(as, actor, user)).toEqual({ who, via: "millrace jobs cancel" });
});

test("a name that is longer than the audit log keeps is cut", () => {
  expect(identity(undefined, "x".repeat(300), undefined).who).toHaveLength(200);
});
