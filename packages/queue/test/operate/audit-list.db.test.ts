import { expect, test } from "vitest";
import { createQueue } from "../../src/index.ts";
import { insertJob } from "../insert-job.ts";
import { useUndo } from "./use-undo.ts";

const use = useUndo();

test("audit() lists entries newest first, in pages, and all of one command", async () => {
  for (const name of ["a", "b", "c"]) await use.ada.pause(name);
  const all = await use.ada.audit();

  expect(all.map((entry) => entry.before[0]?.queue)).toEqual(["c", "b", "a"]);
  expect(all[0]).toMatchObject({
    ...{ who: "ada", via: "test", action: "pause", at: expect.any(Date) },
  });
  const [first] = await use.ada.audit({ limit: 1 });
  expect(first).toEqual(all[0]);
  expect(await use.ada.audit({ before: first?.id ?? "" })).toEqual(all.slice(1));
  expect(await use.ada.audit({ commandId: all[1]?.commandId ?? "" })).toEqual([all[1]]);
});

test("audit() lists the entries of one person", async () => {
  const eve = createQueue(use.pool, { audit: { who: "eve", via: "test" } });
  await use.ada.pause("a");
  await eve.pause("b");

  expect((await use.plain.audit({ who: "eve" })).map(({ who }) => who)).toEqual(["eve"]);
  expect(await use.plain.audit({ who: "ev" })).toEqual([]);
  await expect(use.plain.audit({ who: "" })).rejects.toMatchObject({ code: "INVALID_OPTION", option: "who" });
});

test("audit() says until when a command can be undone: not after its undo, and not if it has none", async () => {
  const id = await insertJob(use.pool);
  await use.ada.cancel(id);
  const [canceled] = await use.ada.audit();
  await use.ada.deleteMany({ ids: [id] });
  const untils = async () => (await use.ada.audit()).map(({ action, undoUntil }) => [action, undoUntil]);

  const until = new Date((canceled?.at.getTime() ?? 0) + 600_000);
  expect(await untils()).toEqual([
    ["deleteMany", null],
    ["cancel", until],
  ]);
  await use.ada.undo(canceled?.commandId ?? "");
  expect(await untils()).toEqual([
    ["undo", null],
    ["deleteMany", null],
    ["cancel", null],
  ]);
});

test.each([
  ["cancel_job", "cancel", { state: "queued" }, "queued"],
  ["cancel_job", "cancel", { state: "running" }, "running"],
  ["retry_job", "retry", { state: "failed" }, "failed"],
  ["run_job_now", "runNow", { state: "queued", runInSeconds: 60 }, "queued"],
] as const)("the SQL function %s records a %s that can be undone", async (name, action, setup, state) => {
  const id = await insertJob(use.pool, setup);
  const before = await use.rowOf(id);
  const { rows } = await use.pool.query(
    `SELECT session_user AS who, current_setting('application_name') AS via, millrace.${name}($1)`,
    [id],
  );
  expect(await use.rowOf(id)).not.toEqual(before);

  const [entry] = await use.ada.audit();
  expect(entry).toMatchObject({
    action,
    who: rows[0].who,
    filter: { id },
    changed: 1,
    before: [{ id, state }],
  });
  expect(entry?.via).toBe(rows[0].via === "" ? "SQL" : rows[0].via);
  expect(await use.ada.undo(entry?.commandId ?? "")).toEqual({ restored: 1, left: 0 });
  expect(await use.rowOf(id)).toEqual(before);
});

test("an SQL function that changes nothing records nothing", async () => {
  const id = await insertJob(use.pool, { runInSeconds: -5 });

  await use.pool.query("SELECT millrace.run_job_now($1)", [id]);

  expect(await use.ada.audit()).toEqual([]);
});
