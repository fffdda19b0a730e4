// The two common PostgreSQL clients, told apart by their methods.

/** The only method of npm `pg`'s Pool and Client that is used. */
export interface PgClient {
  // `any`, because the overloads differ between versions of the client's types.
  query(...args: any[]): any;
}

/** The only method of npm `postgres`' function that is used. */
export interface PostgresSql {
  unsafe(...args: any[]): any;
  readonly options?: any;
}

/**
 * Runs a statement and returns its rows. A text without values may hold several statements, which form one transaction.
 * Values are sent separately from the text, so no value can become part of a statement.
 */
export type Query = (sql: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** The query function of a client. Throws a `TypeError` for a value that is neither client. */
export function queriesOf(client: PgClient | PostgresSql): Query {
  // "unsafe" of npm `postgres` takes plain text instead of a template. Our texts are constant, and values are sent
  // separately.
  if ("unsafe" in client && typeof client.unsafe === "function") {
    // Whether to use prepared statements is the client's option, because some connection poolers do not support them.
    const prepare = client.options?.prepare === true;
    return async (sql, values) => (values === undefined ? client.unsafe(sql) : client.unsafe(sql, values, { prepare }));
  }
  if ("query" in client && typeof client.query === "function") {
    return async (sql, values) => {
      // Several statements give several results, which nobody reads.
      const result = (await client.query(sql, values)) as { rows?: Record<string, unknown>[] };
      return result.rows ?? [];
    };
  }
  throw new TypeError("postgresStore needs a Pool or Client of npm pg, or the sql function of npm postgres");
}
