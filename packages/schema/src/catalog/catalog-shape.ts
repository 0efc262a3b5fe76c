/** A column of a table. */
export interface ColumnShape {
  /** The type as the catalog writes it: `character varying(100)`. */
  readonly type: string;
  readonly notNull: boolean;
  /** The expression of the default; null without a default. */
  readonly default: string | null;
  /** How PostgreSQL stores long values: `plain`, `main`, `external` or `extended`. */
  readonly storage: string;
}

/** A trigger of a table or view. */
export interface TriggerShape {
  /** The statement that makes the trigger. */
  readonly definition: string;
  readonly enabled: boolean;
}

/** A table. The keys of its parts are their names. */
export interface TableShape {
  readonly columns: Readonly<Record<string, ColumnShape>>;
  /** The definitions of the constraints, without the constraints of PostgreSQL 18 for NOT NULL. */
  readonly constraints: Readonly<Record<string, string>>;
  /** The statements that make the indexes, without the indexes of constraints. */
  readonly indexes: Readonly<Record<string, string>>;
  readonly triggers: Readonly<Record<string, TriggerShape>>;
  /** The statements that make extended statistics for the planner. */
  readonly statistics: Readonly<Record<string, string>>;
  /** The storage parameters: `autovacuum_vacuum_threshold` and so on. */
  readonly options: Readonly<Record<string, string>>;
}

/** A view. */
export interface ViewShape {
  /** The types of the columns by their names, in their order. */
  readonly columns: Readonly<Record<string, string>>;
  /** The query, as the server writes it. Releases of PostgreSQL write some queries in different ways. */
  readonly definition: string;
  readonly triggers: Readonly<Record<string, TriggerShape>>;
}

/** A function. */
export interface FunctionShape {
  /** The MD5 hash of the function's source text. */
  readonly source: string;
  /** `immutable`, `stable` or `volatile`. */
  readonly volatility: string;
  /** The settings that hold while the function runs, such as `search_path`. */
  readonly settings: string | null;
  /** The statement that makes the function, or replaces it. */
  readonly definition: string;
}

/** What the schema `millrace` of a database has. */
export interface Catalog {
  readonly tables: Readonly<Record<string, TableShape>>;
  readonly views: Readonly<Record<string, ViewShape>>;
  /** The functions by their names with the types of their arguments: `uuid_v7()`. */
  readonly functions: Readonly<Record<string, FunctionShape>>;
}
