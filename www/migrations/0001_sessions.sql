CREATE TABLE IF NOT EXISTS tandem_session (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  sid TEXT NOT NULL,
  record BLOB NOT NULL,
  version INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  active INTEGER NOT NULL,
  PRIMARY KEY (iss, sub, sid)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tandem_session_expires_at ON tandem_session (expires_at);
CREATE TABLE IF NOT EXISTS tandem_epoch (
  iss TEXT NOT NULL,
  sub TEXT NOT NULL,
  value INTEGER NOT NULL,
  keep TEXT,
  kept_from INTEGER,
  PRIMARY KEY (iss, sub)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tandem_proof (id TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tandem_proof_expires_at ON tandem_proof (expires_at);
