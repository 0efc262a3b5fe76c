import { expect, test } from "vitest";
import { HostsInTurn, hostsInTurn, whenAllFailed } from "./hosts-in-turn.ts";

const hosts = { urls: ["postgres://a/app", "postgres://b/app", "postgres://c/app"], writable: true };

function refused(): Error {
  return Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
}

test("the turn stays with a server, goes on when the server fails, and comes back after the last one", () => {
  const turn = new HostsInTurn(hosts);
  const seen = [turn.next];
  for (let n = 0; n < 3; n += 1) {
    turn.failed({ index: turn.next, server: "s", error: refused() });
    seen.push(turn.next);
  }

  expect(seen).toEqual([0, 1, 2, 0]);
});

test("connections that fail together pass over no server", () => {
  const turn = new HostsInTurn(hosts);
  for (let n = 0; n < 5; n += 1) turn.failed({ index: 0, server: "a", error: refused() });

  expect(turn.next).toBe(1);
});

test("an error that another server would report, too, ends the search", () => {
  const turn = new HostsInTurn(hosts);
  const wrongPassword = Object.assign(new Error("password authentication failed"), { code: "28P01" });

  turn.failed({ index: 0, server: "a", error: wrongPassword });

  expect(turn.next).toBe(0);
  expect(turn.attemptOf(wrongPassword)).toBeUndefined();
});

test("an attempt is known by its error, and by the error that the pool wraps around it", () => {
  const turn = new HostsInTurn(hosts);
  const error = refused();
  turn.failed({ index: 1, server: "b:5432", error });

  expect(turn.attemptOf(error)).toMatchObject({ index: 1, server: "b:5432" });
  expect(turn.attemptOf(new Error("took too long", { cause: error }))).toMatchObject({ index: 1 });
  expect(turn.attemptOf(new Error("the pool is full"))).toBeUndefined();
  expect(turn.attemptOf(undefined)).toBeUndefined();
});

test("the search ends when every server has failed, or after twice as many attempts as servers", () => {
  const at = (index: number) => ({ index, server: `s${index}`, reason: `refused ${index}` });

  expect(whenAllFailed([at(0), at(1)], hosts)).toBeNull();
  expect(whenAllFailed([at(0), at(1), at(2)], hosts)?.tried.map(({ server }) => server)).toEqual([
    "s0",
    "s1",
    "s2",
  ]);
  expect(whenAllFailed([at(0), at(1), at(0), at(1), at(0)], hosts)).toBeNull();
  expect(whenAllFailed([at(0), at(1), at(0), at(1), at(0), at(1)], hosts)?.code).toBe("NO_PRIMARY");
});

test("a connection string of one server needs no turn, unless it asks for a server that takes writes", () => {
  expect(hostsInTurn(undefined)).toBeNull();
  expect(hostsInTurn("postgres://a/app")).toBeNull();
  expect(hostsInTurn("postgres://a/app?target_session_attrs=any")).toBeNull();
  expect(hostsInTurn("postgres://a/app?target_session_attrs=read-write")?.hosts.writable).toBe(true);
  expect(hostsInTurn("postgres://a,b/app")?.hosts.urls).toHaveLength(2);
});
