/** The variable that chooses the row address of a process. */
export const ROW_ADDRESS_VARIABLE = "MILLRACE_ROW_ADDRESS";

/** A column by which a statement finds a row again that the same statement has locked. */
export type RowAddress = "ctid" | "id";

/**
 * Returns the row address that an environment asks for: `ctid`, or `id` for databases without ctids. An empty variable
 * counts as not set. Throws a `RangeError` for any other value.
 */
export function readRowAddress(env: Readonly<Record<string, string | undefined>>): RowAddress {
  const asked = env[ROW_ADDRESS_VARIABLE] || "ctid";
  if (asked === "ctid" || asked === "id") return asked;
  throw new RangeError(
    `${ROW_ADDRESS_VARIABLE} is ${JSON.stringify(asked)}: it must be ctid, or id for a database that has no ctid.`,
  );
}

/**
 * By which column the statements of this process address jobs that they have locked. The SQL is built once, when the
 * module loads, so the choice is one for the process and not one for each call.
 *
 * A ctid saves an index look-up for each job, and is one version of a row: a statement does not find a version that it
 * cannot see, and so leaves out a job that another transaction has changed since the statement began. With `id`, such a
 * job is not left out. PostgreSQL therefore needs `ctid`. Databases without ctids begin a statement again when a row
 * has changed, so there is no such job.
 */
export const ROW_ADDRESS: RowAddress = readRowAddress(process.env);

/** As `ROW_ADDRESS`, of the rows of job_keys, whose primary key is another column. */
export const KEY_ROW_ADDRESS: "ctid" | "key" = ROW_ADDRESS === "ctid" ? "ctid" : "key";
