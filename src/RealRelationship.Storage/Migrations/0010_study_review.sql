-- A version that was not accepted yet, or never, does not move the evidence: others see neither it nor that it exists. `moved` says which versions
-- moved it; those of before all did. A review may also reject. Who made a version, and why, stands beside it since then.
CREATE TABLE reviewed_study_version (
  study_key    TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  tenant       TEXT NOT NULL,
  evidence     INTEGER NOT NULL,
  recorded_at  TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('accepted', 'pending', 'retracted', 'rejected')),
  content      TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  row_hash     BLOB CHECK (length(row_hash) = 32),
  moved        INTEGER NOT NULL CHECK (moved IN (0, 1)),
  changed_by   TEXT,
  actor        TEXT,
  reason       TEXT,
  PRIMARY KEY (study_key, version)
) STRICT, WITHOUT ROWID;
INSERT INTO reviewed_study_version (study_key, version, tenant, evidence, recorded_at, status, content, content_hash, row_hash, moved)
  SELECT study_key, version, tenant, evidence, recorded_at, status, content, content_hash, row_hash, 1 FROM study_version;

CREATE TABLE reviewed_study_effect (
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
  FOREIGN KEY (study_key, version) REFERENCES reviewed_study_version (study_key, version)
) STRICT, WITHOUT ROWID;
INSERT INTO reviewed_study_effect (study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula)
  SELECT study_key, version, position, effect_key, yi, vi, n, converted, approximate, turned, formula FROM study_effect;

DROP TABLE study_effect;
DROP TABLE study_version;
ALTER TABLE reviewed_study_version RENAME TO study_version;
ALTER TABLE reviewed_study_effect RENAME TO study_effect;

-- Only accepted studies exclude equal effects of others; a pending one would tell others of itself.
DELETE FROM current_effect WHERE study_key IN (
  SELECT v.study_key FROM study_version v WHERE v.status = 'pending' AND NOT EXISTS
    (SELECT 1 FROM study_version later WHERE later.study_key = v.study_key AND later.version > v.version));
