// The tables in PostgreSQL.

// One transaction, as a text of several statements is. The lock: two servers that make the same table at once would
// hinder each other, in spite of IF NOT EXISTS. Its number is arbitrary, and means the same to all of them.
//
// The order of names is that of their bytes, so that no collation of an operating system can change under the index.
// Each page of the table keeps a sixth free, where a refresh can put the new row beside the old one.
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
