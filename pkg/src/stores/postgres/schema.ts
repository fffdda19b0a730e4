// The tables in PostgreSQL.

// A text with several statements is one transaction. It takes a lock, because two servers that create the same table at
// once would fail in spite of IF NOT EXISTS. The lock number is arbitrary, but the same everywhere. The lock ends with
// the transaction.
//
// Names are ordered by bytes, because an upgrade of the operating system's collation could corrupt an index.
//
// A sixth of each page stays free, so that a refresh can put the new row version on the same page. The primary key
// starts with the subject, so it also serves the list of a user's sessions.
export function schemaOf(prefix: string): string {
  return `SELECT pg_advisory_xact_lock(7021384915);
CREATE TABLE IF NOT EXISTS ${prefix}session (
  iss text COLLATE "C" NOT NULL,
  sub text COLLATE "C" NOT NULL,
  sid text COLLATE "C" NOT NULL,
  record bytea NOT NULL,
  version bigint NOT NULL,
  expires_at bigint NOT NULL,
  active boolean NOT NULL,
  PRIMARY KEY (iss, sub, sid)
) WITH (fillfactor = 85);
CREATE INDEX IF NOT EXISTS ${prefix}session_expires_at ON ${prefix}session (expires_at);
CREATE TABLE IF NOT EXISTS ${prefix}epoch (
  iss text COLLATE "C" NOT NULL,
  sub text COLLATE "C" NOT NULL,
  value bigint NOT NULL,
  keep text COLLATE "C",
  kept_from bigint,
  PRIMARY KEY (iss, sub)
);
CREATE TABLE IF NOT EXISTS ${prefix}proof (
  id text COLLATE "C" PRIMARY KEY,
  expires_at bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS ${prefix}proof_expires_at ON ${prefix}proof (expires_at);
`;
}
