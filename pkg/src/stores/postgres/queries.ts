// The two clients of PostgreSQL in common use, by what they can do.

/** What is used of a Pool or a Client of npm `pg`. */
export interface PgClient {
  query(...args: any[]): any;
}

/** What is used of the function that npm `postgres` gives. */
export interface PostgresSql {
  unsafe(...args: any[]): any;
  readonly options?: any;
}

/** Runs a statement and gives its rows. Without values there may be several, which then are one transaction. */
export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** Throws a `TypeError` for what is no client of either. */
export function queriesOf(client: PgClient | PostgresSql): Query {
  // That of `postgres` is a function, and "unsafe" says that its text is not a template: ours is fixed, values go
  // beside it.
  if ("unsafe" in client && typeof client.unsafe === "function") {
    // Prepared as that client is told to: some connection poolers cannot have it.
    const prepare = client.options?.prepare === true;
    return async (sql, values) => (values === undefined ? client.unsafe(sql) : client.unsafe(sql, values, { prepare }));
  }
  if ("query" in client && typeof client.query === "function") {
    return async (sql, values) => {
      // Several statements have several results, which nobody asks for.
      const result = (await client.query(sql, values)) as { rows?: Record<string, unknown>[] };
      return result.rows ?? [];
    };
  }
  throw new TypeError("postgresStore needs a Pool or Client of npm pg, or what npm postgres gives");
}
