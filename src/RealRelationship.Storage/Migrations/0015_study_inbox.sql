-- A review may return a study for changes. `kind`, `year` and `search` are derived from the content, so that lists can filter, sort and search:
-- `search` is key, title, authors, DOI and journal without case and accents.
CREATE TABLE listed_study_version (
  study_key    TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  tenant       TEXT NOT NULL,
  evidence     INTEGER NOT NULL,
  recorded_at  TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('accepted', 'pending', 'retracted', 'rejected', 'returned')),
  moved        INTEGER NOT NULL CHECK (moved IN (0, 1)),
  kind         TEXT,
  year         INTEGER,
  search       TEXT,
  content      TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  row_hash     BLOB CHECK (length(row_hash) = 32),
  changed_by   TEXT,
  actor        TEXT,
  reason       TEXT,
  PRIMARY KEY (study_key, version)
) STRICT, WITHOUT ROWID;
INSERT INTO listed_study_version (study_key, version, tenant, evidence, recorded_at, status, moved, content, content_hash, row_hash,
    changed_by, actor, reason)
  SELECT study_key, version, tenant, evidence, recorded_at, status, moved, content, content_hash, row_hash, changed_by, actor, reason
  FROM study_version;

CREATE TABLE listed_study_effect (
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
  FOREIGN KEY (study_key, version) REFERENCES listed_study_version (study_key, version)
) STRICT, WITHOUT ROWID;
INSERT INTO listed_study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
  SELECT study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula FROM study_effect;

DROP TABLE study_effect;
DROP TABLE study_version;
ALTER TABLE listed_study_version RENAME TO study_version;
ALTER TABLE listed_study_effect RENAME TO study_effect;
