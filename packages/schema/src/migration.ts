/** One migration of this release. */
export interface Migration {
  /** The name of its file, without the ending. */
  readonly name: string;
  /** The SHA-256 of the migration's file. The database's table of migrations holds the same text. */
  readonly hash: string;
  /** When drizzle-kit generated the migration, in ms since 1970. Migrations are applied in the order of these times. */
  readonly folderMillis: number;
  /** The statements, in order. */
  readonly sql: readonly string[];
}
