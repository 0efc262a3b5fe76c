import vm from "node:vm";
import { DrizzleQueryError } from "drizzle-orm/errors";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ERROR_TEXT_MAX, errorText } from "./error-text.ts";

class HttpError extends Error {
  override name = "HttpError";
  status: number;
  response: unknown;
  constructor(message: string, status: number, response: unknown) {
    super(message);
    this.status = status;
    this.response = response;
  }
}

describe("an error's text", () => {
  test("has its message, code and stack, and then its own fields", () => {
    const error = new HttpError("Too many requests", 429, {
      headers: { "retry-after": "30" },
      data: { limit: 5 },
    });

    const text = errorText(Object.assign(error, { code: "RATE_LIMITED", attempt: undefined }));

    expect(text).toMatch(/^HttpError: Too many requests \[RATE_LIMITED\]\n\s+at .*error-text\.test/);
    expect(text).toContain("\n    status: 429\n");
    expect(text).toContain("response: { headers: { retry-after: '30' }, data: { limit: 5 } }");
    expect(text).not.toMatch(/attempt|message:/);
  });

  test("has what PostgreSQL says besides its message", () => {
    const refused = Object.assign(new Error("violates foreign key constraint"), {
      code: "23503",
      detail: "Key (id)=(7) is still referenced.",
      constraint: "orders_job_id_fk",
    });

    const text = errorText(new Error("could not save", { cause: refused }));

    expect(text).toMatch(
      /Error: could not save[\s\S]*Caused by: Error: violates foreign key constraint \[23503\]/,
    );
    expect(text).toContain("detail: 'Key (id)=(7) is still referenced.'\n    constraint: 'orders_job_id_fk'");
  });

  test("has the errors that an AggregateError holds, each with its causes, before the next", () => {
    const first = new Error("first mirror", { cause: new Error("refused") });
    const text = errorText(new AggregateError([first, new TypeError("second mirror")], "All mirrors failed"));

    const heads = text.split("\n").filter((line) => !/^\s+at /.test(line));
    expect(heads).toEqual([
      "AggregateError: All mirrors failed",
      "Error 1 of 2: Error: first mirror",
      "Caused by: Error: refused",
      "Error 2 of 2: TypeError: second mirror",
    ]);
  });

  test("says a cycle of causes once", () => {
    const error = new Error("round and round");
    error.cause = error;

    expect(errorText(error).match(/round and round/g)).toHaveLength(1);
  });

  test("knows an error of another realm", () => {
    const text = errorText(vm.runInNewContext('new RangeError("from elsewhere")'));

    expect(text).toMatch(/^RangeError: from elsewhere\n\s+at /);
  });
});

describe("what is thrown and no error", () => {
  test.each([
    ["a plain text", "a plain text"],
    [undefined, "undefined"],
    [null, "null"],
    [42n, "42n"],
    [Symbol("why"), "Symbol(why)"],
    [{ code: "E_LIMIT", left: [1, 2] }, "{ code: 'E_LIMIT', left: [1, 2] }"],
    [new Map([["a", 1]]), "Map(1) { 'a' => 1 }"],
    [new Date(0), "1970-01-01T00:00:00.000Z"],
    [() => undefined, "[Function]"],
  ])("is told as it is: %o", (thrown, text) => {
    expect(errorText(thrown)).toBe(text);
  });
});

describe("nobody's secrets are told", () => {
  test("such as the parameters of a failed query of Drizzle, whose message and fields hold them", () => {
    const cause = Object.assign(new Error("duplicate key value"), { code: "23505" });
    const failed = new DrizzleQueryError(
      "insert into users values ($1, $2)",
      ["ada", "hunter\n    at 2"],
      cause,
    );

    const text = errorText(failed);

    expect(text).toMatch(/^Error: Failed query: insert into users values \(\$1, \$2\)\n/);
    expect(text).toContain("Caused by: Error: duplicate key value [23505]");
    expect(text).not.toMatch(/ada|hunter|at 2\b|params/);
  });

  test("such as keys and passwords in a request that an error holds", () => {
    const error = Object.assign(new Error("401"), {
      config: {
        url: "https://api.test",
        headers: { Authorization: "Bearer abc" },
        apiKey: "def",
        tokens: 512,
      },
      password: "ghi",
    });

    const text = errorText(error);

    expect(text).not.toMatch(/abc|def|ghi/);
    expect(text).toContain(
      "config: { url: 'https://api.test', headers: { Authorization: [hidden] }, apiKey: [hidden], tokens: 512 }",
    );
  });
});

describe("whatever is thrown, its text", () => {
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  };
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;

  test.each<[string, unknown, RegExp]>([
    ["a revoked proxy", revoked(), /cannot be described/],
    [
      "an error with a revoked proxy",
      Object.assign(new Error("here"), { at: revoked() }),
      /here[\s\S]*at: \[Proxy\]/,
    ],
    ["a cycle", Object.assign(new Error("here"), { loop }), /self: \{ self: \[Object\] \}/],
    [
      "a getter that throws",
      Object.defineProperty(new Error("here"), "boom", {
        enumerable: true,
        get() {
          throw new Error("in the getter");
        },
      }),
      /here[\s\S]*boom: \[Getter\]/,
    ],
    [
      "a cause that cannot be read",
      Object.defineProperty(new Error("here"), "cause", {
        get() {
          throw new Error("in the getter");
        },
      }),
      /^Error: here/,
    ],
    [
      "an inspection of its own",
      { [Symbol.for("nodejs.util.inspect.custom")]: () => "mine", a: 1 },
      /^\{ a: 1 \}$/,
    ],
    ["a stack that is no text", Object.assign(new Error("here"), { stack: 7 }), /^Error: here$/],
  ])("is there for %s", (_what, thrown, expected) => {
    expect(errorText(thrown)).toMatch(expected);
  });

  test("stays within its bound, and keeps its causes, however large its parts are", () => {
    const huge = new HttpError(
      "m".repeat(1_000_000),
      500,
      Array.from({ length: 100_000 }, () => "x".repeat(1_000)),
    );
    huge.cause = new Error("the cause");

    const text = errorText(huge);

    expect(text.length).toBeLessThanOrEqual(ERROR_TEXT_MAX);
    expect(text).toContain("Caused by: Error: the cause");
  });

  test("stays within its bound for anything", () => {
    const thrown = fc.oneof(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withTypedArray: true,
      }),
      fc
        .tuple(fc.string(), fc.anything(), fc.dictionary(fc.string(), fc.anything()))
        .map(([message, cause, fields]) =>
          Object.defineProperties(new Error(message, { cause }), Object.getOwnPropertyDescriptors(fields)),
        ),
    );
    fc.assert(fc.property(thrown, (value) => errorText(value).length <= ERROR_TEXT_MAX));
  });
});
