-- The two counters: `log` numbers every change, `evidence` moves only when pooled evidence changes.
CREATE TABLE revision (
  id       INTEGER PRIMARY KEY CHECK (id = 1),
  log      INTEGER NOT NULL CHECK (log >= 0),
  evidence INTEGER NOT NULL CHECK (evidence >= 0 AND evidence <= log)
) STRICT;
INSERT INTO revision (id, log, evidence) VALUES (1, 0, 0);

-- Every change, in order; nothing here is ever updated or deleted.
CREATE TABLE change (
  number      INTEGER PRIMARY KEY,
  evidence    INTEGER NOT NULL,
  recorded_at TEXT NOT NULL,
  tenant      TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('submitted', 'replaced', 'retracted', 'reviewed')),
  subject     TEXT NOT NULL,
  version     INTEGER NOT NULL CHECK (version >= 1)
) STRICT;
CREATE INDEX change_by_evidence ON change (evidence, recorded_at);
CREATE INDEX change_by_instant ON change (recorded_at, evidence);

-- A study is public evidence: its key is global, its tenant owns it. Each version is a row; the latest one counts.
CREATE TABLE study_version (
  study_key    TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  tenant       TEXT NOT NULL,
  evidence     INTEGER NOT NULL,
  recorded_at  TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('accepted', 'pending', 'retracted')),
  content      TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  PRIMARY KEY (study_key, version)
) STRICT, WITHOUT ROWID;

-- The effects of each version as they enter a pool: on Fisher z, turned so that positive means
-- stronger relationship, better outcome. yi and vi are null for kind "reference", which is never pooled.
CREATE TABLE study_effect (
  study_key   TEXT NOT NULL,
  version     INTEGER NOT NULL,
  position    INTEGER NOT NULL CHECK (position >= 0),
  effect_key  TEXT NOT NULL,
  yi          REAL CHECK (yi BETWEEN -1e100 AND 1e100),
  vi          REAL CHECK (vi > 0 AND vi < 1e100),
  n           INTEGER CHECK (n >= 1),
  converted   INTEGER NOT NULL CHECK (converted IN (0, 1)),
  approximate INTEGER NOT NULL CHECK (approximate IN (0, 1)),
  turned      INTEGER NOT NULL CHECK (turned IN (0, 1)),
  formula     TEXT,
  CHECK ((yi IS NULL) = (vi IS NULL)),
  PRIMARY KEY (study_key, version, position),
  FOREIGN KEY (study_key, version) REFERENCES study_version (study_key, version)
) STRICT, WITHOUT ROWID;

-- Current effects only: what makes two effects the same one, and what makes two samples look alike.
CREATE TABLE current_effect (
  identity   TEXT PRIMARY KEY,
  study_key  TEXT NOT NULL,
  effect_key TEXT NOT NULL,
  sample     TEXT NOT NULL,
  n          INTEGER,
  country    TEXT,
  year       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX current_effect_by_study ON current_effect (study_key);
CREATE INDEX current_effect_alike ON current_effect (n, country, year);

-- API keys: only a digest of the secret is kept.
CREATE TABLE api_key (
  tenant     TEXT NOT NULL,
  id         TEXT NOT NULL,
  digest     TEXT NOT NULL,
  scopes     TEXT NOT NULL,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  revoked_at TEXT,
  PRIMARY KEY (tenant, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_by_id ON api_key (id);

-- What was answered to a request with an Idempotency-Key: digests, status and ids, never content.
CREATE TABLE idempotency (
  tenant         TEXT NOT NULL,
  key_digest     TEXT NOT NULL,
  request_digest TEXT NOT NULL,
  status         INTEGER NOT NULL,
  ids            TEXT NOT NULL,
  created_at     TEXT NOT NULL,
  PRIMARY KEY (tenant, key_digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
