import { databaseHosts, reasonOf, sqlStateOf } from "@millrace/base";
import { Client } from "pg";

/** No connection could be made: no server answers at the address, or the server refuses the user or database. */
export class DatabaseConnectionError extends Error {
  readonly code = "DATABASE_UNAVAILABLE";
  constructor(databaseUrl: string, cause: unknown) {
    super(`Cannot connect to the database at ${target(databaseUrl)}: ${reasonOf(cause)}.${remedy(cause)}`, {
      cause,
    });
    this.name = "DatabaseConnectionError";
  }
}

/** Returns hosts, ports and database as the driver reads the URL, with the driver's defaults and PG* variables. */
function target(databaseUrl: string): string {
  const clients = databaseHosts(databaseUrl).urls.map((url) => new Client({ connectionString: url }));
  return `${clients.map(({ host, port }) => `${host}:${port}`).join()}/${clients[0]?.database}`;
}

/** What to correct, by the SQLSTATE of a refused connection. */
const REMEDIES: ReadonlyMap<string | undefined, string> = new Map([
  ["28000", " Correct the user, or let pg_hba.conf admit it."],
  ["28P01", " Correct the user or the password in the database URL."],
  ["3D000", " Create the database, or correct its name in the database URL."],
]);

function remedy(cause: unknown): string {
  return REMEDIES.get(sqlStateOf(cause)) ?? "";
}
