import { access } from "node:fs/promises";
import { expect, it } from "vitest";
import { startReplicatedPostgres } from "../src/index.ts";
import { withConnection } from "../src/with-connection.ts";

it("a standby has what was acknowledged when its primary was killed, and takes writes once promoted", async () => {
  const pair = await startReplicatedPostgres();
  try {
    await withConnection(pair.primary.url, async (client) => {
      await client.query("create table notes (id int)");
      await client.query("insert into notes values (1)");
      const gone = new Promise((resolve) => client.once("end", resolve));
      await pair.killPrimary();
      await gone;
    });
    const write = () =>
      withConnection(pair.standby.url, (client) => client.query("insert into notes values (2)"));
    await expect(write()).rejects.toMatchObject({ code: "25006" });
    await expect(withConnection(pair.primary.url, () => Promise.resolve())).rejects.toMatchObject({
      code: "ECONNREFUSED",
    });

    await pair.promoteStandby();

    await write();
    const { rows } = await withConnection(pair.standby.url, (client) =>
      client.query("select id from notes order by id"),
    );
    expect(rows).toEqual([{ id: 1 }, { id: 2 }]);
  } finally {
    await pair[Symbol.asyncDispose]();
  }
  for (const { dataDir } of [pair.primary, pair.standby]) {
    await expect(access(dataDir)).rejects.toMatchObject({ code: "ENOENT" });
  }
});
