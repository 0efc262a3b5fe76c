import pg from "pg";

/** One pool for the process. `next dev` loads modules again and again, so the pool is kept beside them. */
const kept = globalThis as { pool?: pg.Pool };
kept.pool ??= new pg.Pool({ connectionString: process.env.DATABASE_URL });

export const pool: pg.Pool = kept.pool;
